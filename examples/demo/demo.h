// The demo's input: a rendered image set, and a ResNet that nacre's own trainer has trained on it.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre {

struct DemoOptions {
  int blocks_per_stage = 3;  // of a CIFAR-style ResNet: 3 gives ResNet-20
  int64_t train_per_class = 1000;
  double epochs = 8;
  std::string budget = "5m";
};

// A CIFAR-style ResNet (arXiv 1512.03385, section 4.2) with 1x1 convolutions on the shortcuts that
// change shape. Input "image" [N,3,size,size], output "logits" [N,classes].
Network CifarResNet(int blocks_per_stage, int64_t size, int64_t classes, uint64_t seed);

// Makes <folder>/data/{train,test}, <folder>/model.onnx and <folder>/run.toml. Images and model
// that are there already are kept. Errors: of rendering (RenderShapes), of training, and kInternal
// when a file cannot be written.
Expected<void> MakeDemo(const std::filesystem::path& folder, const DemoOptions& options);

}  // namespace nacre
