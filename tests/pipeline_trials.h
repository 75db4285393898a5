// Trials of a run that never was, over a residual network of three blocks and tiny images.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/in_process.h"
#include "onnx/onnx.h"
#include "pipeline/history.h"
#include "pipeline/rate_space.h"
#include "pipeline/run_services.h"
#include "testing/bars.h"
#include "testing/fake_clock.h"

namespace nacre {

class TrialsTest : public ::testing::Test {
 protected:
  explicit TrialsTest(RunConfig config = {}, Seconds total = Seconds(100)) {
    folder_ = std::filesystem::temp_directory_path() / ("nacre-trials-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    store_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
    materials_ = std::make_unique<Materials>(*store_);
    const Compute compute{.threads = 1};
    executor_ = std::make_unique<InProcessExecutor>(
        Workplace{*materials_, *compiler_, clock_, compute, {}});
    const Budget budget(clock_, total, Seconds(0));
    jobs_ = std::make_unique<JobRunner>(
        JobRunner::Parts{.store = store_.get(), .executor = executor_.get(), .budget = budget});
    config.budget = total;
    run_ = std::make_unique<RunServices>(RunServices{.config = std::move(config),
                                                     .budgets = {total},
                                                     .machine = {},
                                                     .compute = compute,
                                                     .budget = budget,
                                                     .store = *store_,
                                                     .materials = *materials_,
                                                     .jobs = *jobs_,
                                                     .compiler = *compiler_,
                                                     .progress = *progress_});
    in_.train = Offered(Bars(512, 1));
    in_.selecting = Offered(Bars(256, 2));
    in_.calibration = Offered(Bars(128, 3));
    MakeSpace();
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

  TrialRecord Try(const Architecture& architecture, const Network& network, double epochs) {
    TrialRecord trial;
    trial.trial.point.genes = architecture.picks;
    trial.model = StoreModel(*materials_, network, run_->config.target).value();
    trial.outcome.epochs = epochs;
    return trial;
  }

  std::filesystem::path folder_;
  FakeClock clock_;
  std::unique_ptr<Compiler> compiler_ = MakeOpenVinoCompiler();
  std::unique_ptr<Progress> progress_ = MakeSilentProgress();
  std::unique_ptr<nacre::Run> store_;
  std::unique_ptr<Materials> materials_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<RunServices> run_;
  Ingested in_;
  RatedSpace rated_;
  History history_;
  Architecture original_, other_;

 private:
  Images Offered(ImageSet set) {
    set.hash = ContentHash(set).value();
    const auto images = std::make_shared<const ImageSet>(std::move(set));
    materials_->Offer(images);
    return images;
  }

  // `other_` has another candidate in its last block.
  void MakeSpace() {
    rated_.space = *BuildSpace(ResidualNetwork(1), {});
    rated_.pricing.original = {100, 1e6, 1e6};
    original_ = Original(rated_.space);
    other_ = original_;
    for (size_t i = 0; i < rated_.space.candidates.size(); ++i) {
      RatedCandidate& each = rated_.space.candidates[i];
      each.usage = Usage{1, 1, 1};
      each.score = 0.1;
      const Candidate& candidate = each.candidate;
      const bool changed = !IsKeep(candidate) && candidate.kind != CandidateKind::kDrop;
      if (changed && candidate.first == 2 && candidate.last == 2) {
        other_.picks[2] = static_cast<int>(i);
      }
    }
  }
};

}  // namespace nacre
