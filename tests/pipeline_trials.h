// Trials of a run that never was, over a residual network of three blocks and tiny images.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "testing/bars.h"

namespace nacre {

class TrialsTest : public ::testing::Test {
 protected:
  TrialsTest() {
    folder_ = std::filesystem::temp_directory_path() / ("nacre-trials-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    run_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
    context_.run = run_.get();
    context_.budget = &budget_;
    context_.train = Bars(512, 1);
    context_.validation = Bars(256, 2);
    context_.space = *BuildSpace(ResidualNetwork(1), {});
    context_.original_usage = {100, 1e6, 1e6};
    context_.usages.resize(context_.space.candidates.size(), {1, 1, 1});
    context_.scores.resize(context_.space.candidates.size(), 0.1);
    context_.useful.resize(context_.space.candidates.size(), true);
    original_ = Original(context_.space);
    other_ = original_;
    for (size_t i = 0; i < context_.space.candidates.size();
         ++i) {  // all but one block as the original's
      const Candidate& candidate = context_.space.candidates[i];
      const bool changed = candidate.kind != "keep" && candidate.kind != "drop";
      if (changed && candidate.first == 2 && candidate.last == 2)
        other_.picks[2] = static_cast<int>(i);
    }
  }
  ~TrialsTest() override { std::filesystem::remove_all(folder_); }

  static Network ResidualNetwork(uint64_t seed) {
    NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(seed));
    std::string x = b.ConvBn("image", {.out = 16});
    for (int i = 0; i < 3; ++i) {
      const std::string inner =
          b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
      x = b.Activation(b.Add(inner, x), "Relu");
    }
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), kBarClasses);
    return std::move(b).Finish(logits, "logits");
  }

  Tried Try(const Architecture& architecture, const Network& network, double epochs) {
    Tried tried;
    tried.trial.point.genes = architecture.picks;
    tried.artifact = run_->PutArtifact(SerializeOnnx(network)).value();
    tried.outcome.epochs = epochs;
    return tried;
  }

  std::filesystem::path folder_;
  std::unique_ptr<nacre::Run> run_;
  Budget budget_{SteadyClock(), Seconds(100), Seconds(0)};
  Context context_;
  Architecture original_, other_;
};

}  // namespace nacre
