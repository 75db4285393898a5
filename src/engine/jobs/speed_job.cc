#include "engine/jobs/speed_job.h"

#include <nlohmann/json.hpp>

#include "graph/shapes.h"
#include "train/batch_size.h"
#include "train/train.h"

namespace nacre {

JobSpec SpeedSpec(const ArtifactHash& teacher, const std::string& images, const Compute& compute) {
  return {.kind = "speed",
          .parameters =
              nlohmann::json{
                  {"images", images}, {"device", compute.device}, {"threads", compute.threads}}
                  .dump(),
          .inputs = {teacher},
          .label = "speed of training"};
}

double ReadSpeed(const JobResult& result) {
  return nlohmann::json::parse(result.value)["macs_per_second"];
}

Expected<JobResult> RunSpeed(const JobSpec& job, const Workplace& place) {
  constexpr double kImages = 12 * 128;  // enough that the first, slow update matters little
  constexpr Seconds kMost{8};  // for large networks, whose first update is as fast as others
  const auto parameters = nlohmann::json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto teacher, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const Cost cost, CostOf(*teacher));
  TrainOptions options{.batch = BatchFor(*images)};
  options.optimizer.relative_rate = 0;  // nothing is to be learned
  options.optimizer.learning_rate = 0;
  options.loss.distill = 0;
  options.compute = place.compute;
  options.clock = &place.clock;
  options.deadline = place.clock.Now() + kMost;
  options.epochs = kImages / static_cast<double>(images->count());
  NACRE_TRY(const TrainResult result, Train(*teacher, *images, nullptr, options));
  const double macs_per_second = result.images_per_second * static_cast<double>(cost.macs);
  return JobResult{.value = nlohmann::json{{"macs_per_second", macs_per_second}}.dump()};
}

}  // namespace nacre
