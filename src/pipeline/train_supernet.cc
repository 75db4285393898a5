#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "engine/shares.h"
#include "graph/shapes.h"
#include "pipeline/decided_number.h"
#include "pipeline/supernet_stages.h"
#include "train/batch_size.h"
#include "train/super_network.h"

namespace nacre {
namespace {

using Kind = ElasticDimension::Kind;

// Multiply-accumulates that one image costs in the training of a super-network: in the smallest
// sub-network, in random ones of middle size, and now and then in the largest.
Expected<double> MacsOfStep(const Network& network, const Elasticity& elasticity, double largest) {
  NACRE_TRY(const Network smallest, ExtractSubnet(network, elasticity, elasticity.Smallest()));
  NACRE_TRY(const Cost cost, CostOf(smallest));
  const auto small = static_cast<double>(cost.macs);
  const SuperNetworkOptions usual;
  return small + usual.random * 0.5 * (small + largest) + largest / usual.largest_every;
}

// Figures of the smallest and the largest sub-network so far, for people.
Expected<void> TellEnds(RunServices& run, const Supernet& supernet) {
  std::string text;
  const std::vector<int> smallest = supernet.elasticity->Smallest();
  for (const auto& genes : {smallest, std::vector<int>(smallest.size(), 0)}) {
    SubnetJob job = supernet.job;
    job.genes = genes;
    const auto done = run.jobs.Do(SubnetSpec(job));
    if (!done && run.jobs.EndsRun(done.error())) return tl::unexpected<Error>(done.error());
    if (!done) return {};
    const SubnetFigures figures = ReadSubnet(*done);
    text += fmt::format("{} {:.2f} % at {:.2f}x", text.empty() ? "smallest" : ", largest",
                        100 * figures.accuracy, figures.over_first);
  }
  Info("super-network so far: " + text);
  return {};
}

class SupernetTraining {
 public:
  SupernetTraining(RunServices& run, Supernet& supernet, SupernetJob job, Seconds time)
      : run_(run), supernet_(supernet), job_(std::move(job)), time_(time) {}

  // All stages; `steps` of them in all, were there no end of the time.
  Expected<void> Train(int64_t steps) {
    const auto length = static_cast<int64_t>(
        std::max(1.0, static_cast<double>(steps) * shares::kSegmentSeconds / time_.count()));
    NACRE_TRY(begin_, DecidedNumber(run_, "supernet-begin " + job_.ranking,
                                    [&] { return run_.budget.Spent().count(); }));
    const std::vector<SupernetStage> stages = StagesOf(*supernet_.elasticity);
    for (const SupernetStage& stage : stages) {
      NACRE_CHECK_OK(Rank());
      job_.most = stage.most;
      job_.until = stage.until;
      while (done_.fraction < stage.until) NACRE_CHECK_OK(Segment(length));
    }
    Info(fmt::format("super-network: trained, loss {:.3f}, {:.0f} images/s", done_.loss,
                     done_.images_per_second));
    return {};
  }

 private:
  // The channels that are important now are those that stay.
  Expected<void> Rank() {
    job_.ranking = supernet_.job.ranking = job_.network;
    NACRE_TRY(supernet_.elasticity, ElasticityOf(job_.ranking, job_.elastic, run_.materials));
    return {};
  }

  Expected<void> Segment(int64_t length) {
    job_.end = done_.steps + length;
    const Seconds left = Seconds(begin_) + time_ - run_.budget.Spent();
    job_.limit = std::max(Seconds(1e-3), left);
    NACRE_TRY(const JobResult result, run_.jobs.Do(SupernetSpec(job_)));
    done_ = ReadSupernet(result);
    job_.network = supernet_.job.supernet = done_.network;
    job_.state = done_.state;
    const bool is_long = time_ > Seconds(shares::kSegmentSeconds);
    return is_long && done_.fraction < 1 ? TellEnds(run_, supernet_) : Expected<void>();
  }

  RunServices& run_;
  Supernet& supernet_;
  SupernetJob job_;  // of the next segment
  const Seconds time_;
  double begin_ = 0;  // seconds of the budget
  SupernetSegment done_{.fraction = 0};
};

}  // namespace

std::vector<SupernetStage> StagesOf(const Elasticity& elasticity) {
  const std::vector<int> all = elasticity.Smallest();
  std::vector<int> no_width = all, half_width = all;
  for (size_t d = 0; d < all.size(); ++d) {
    if (elasticity.dimensions[d].kind != Kind::kWidth) continue;
    no_width[d] = 0;
    half_width[d] = all[d] / 2;
  }
  std::vector<SupernetStage> stages;
  const std::vector<int> none(all.size(), 0);
  for (const SupernetStage& stage : {SupernetStage{no_width, shares::kDepthStageEnds},
                                     SupernetStage{half_width, shares::kHalfWidthStageEnds}}) {
    const bool is_new = stage.most != none && stage.most != all &&
                        (stages.empty() || stage.most != stages.back().most);
    if (is_new) stages.push_back(stage);
  }
  stages.push_back({all, 1});
  return stages;
}

Expected<void> TrainSupernet(RunServices& run, const Ingested& in, const StoredAnswers& answers,
                             Seconds time, Supernet& supernet) {
  NACRE_TRY(const double macs, MacsOfStep(in.teacher, *supernet.elasticity, in.teacher_macs()));
  const auto count = static_cast<double>(in.train->count());
  const double images = time.count() * supernet.aim.macs_per_second / macs;
  const double epochs = std::max(0.01, std::round(100 * images / count) / 100);
  const int64_t bytes = SuperNetworkBytes(in.teacher, BatchFor(*in.train));
  Info(fmt::format("super-network: about {:.1f} epochs in {:.0f} s, with {:.1f} GiB of memory",
                   epochs, time.count(), static_cast<double>(bytes) / (1 << 30)));
  const SupernetJob job{.ranking = in.teacher_hash,
                        .network = in.teacher_hash,
                        .answers = answers,
                        .train = in.train->hash,
                        .epochs = epochs,
                        .elastic = supernet.job.elastic,
                        .seed = run.config.seed};
  const double per_epoch = std::ceil(count / static_cast<double>(BatchFor(*in.train)));
  const auto steps = std::max<int64_t>(1, std::llround(epochs * per_epoch));
  return SupernetTraining(run, supernet, job, time).Train(steps);
}

}  // namespace nacre
