// A trained super-network as files of its run, and how another run takes it over.
#pragma once

#include <filesystem>

#include "pipeline/supernet_stages.h"

namespace nacre {

// The folder supernet/ of the run: largest.onnx (the largest sub-network, ready to run),
// weights.safetensors (the shared weights by name), elasticity.json (what is elastic, in which
// order channels stay, and the artifacts that it is made of).
Expected<void> WriteSupernet(RunServices& run, const Ingested& in, const Supernet& supernet);

// Whether the run in `folder` has trained a super-network. Error (kUsage): it has not.
Expected<void> CheckHasSupernet(const std::filesystem::path& folder);

// The super-network of the run in `folder`, its weights copied into this run's store: nothing is to
// be trained. Decided once, so that a resumed run does without the folder. Errors: kUsage (no
// super-network was trained there, or its files are damaged), kModel (it is of another network).
Expected<void> AdoptSupernet(RunServices& run, const Ingested& in,
                             const std::filesystem::path& folder, Supernet& supernet);

}  // namespace nacre
