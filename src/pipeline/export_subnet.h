// Any sub-network of a run's super-network, ready to deploy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/run_services.h"

namespace nacre {

struct ExportedSubnet {
  double accuracy = 0;       // of the float network on the selecting images
  double int8_accuracy = 0;  // of the quantized one
  double over_int8 = 0;      // how many times as fast as the quantized original
};

// "0,2,1": one gene for each dimension of subnets.json. Error (kUsage): no whole numbers.
Expected<std::vector<int>> ParseGenes(const std::string& text);

// Writes model.onnx, model.int8.onnx, model.xml, model.bin and metrics.json into `folder`, as for
// the results of a run. The sub-network is as the super-network's training left it, batch-norm
// recalibrated, and quantized; it has had no training of its own. No accepting image is read.
// `run` must have trained or taken over a super-network. Errors: kUsage (it has not; genes that are
// not of it), those of reading the images and of measuring.
Expected<ExportedSubnet> ExportSubnet(RunServices& run, const std::vector<int>& genes,
                                      const std::filesystem::path& folder);

}  // namespace nacre
