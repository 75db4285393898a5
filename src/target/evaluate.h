// Running a compiled classifier over a data set: its logits, how right they are, and why a stated
// accuracy is not reproduced.
#pragma once

#include <functional>

#include "data/image_set.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

struct EvaluateOptions {
  int64_t batch = 64;  // where the compile options leave it dynamic; falls back to 1 when the
                       // network has a fixed batch
  std::function<void(double fraction)> progress;
};

// Logits [count, classes] of a network with one input and one output, compiled by `options`; the
// last batch is filled up, so the network that runs is one of a static batch, as deployed. Errors:
// kData when there are no images, kModel when the network has not one input and one output, and the
// compiler's.
Expected<Tensor> PredictCompiled(Compiler& compiler, const Network& network,
                                 const CompileOptions& options, const ImageSet& images,
                                 const EvaluateOptions& evaluate = {});

// Top-1 of such a network. Error (kData) when a label is not one of the network's classes.
Expected<Accuracy> EvaluateCompiled(Compiler& compiler, const Network& network,
                                    const CompileOptions& options, const ImageSet& images,
                                    const EvaluateOptions& evaluate = {});

// Why `measured` is not `stated`: tries other channel orders, scales, means and deviations on at
// most 2000 of the images and returns an Error (kData) that names the one that reproduces the
// stated accuracy, or the best one, or none.
tl::unexpected<Error> ExplainMismatch(const Network& network, Compiler& compiler,
                                      const ImageSet& images, const Accuracy& measured,
                                      double stated);

}  // namespace nacre
