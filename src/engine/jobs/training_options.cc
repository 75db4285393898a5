#include "engine/jobs/training_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "train/batch_size.h"

namespace nacre::engine_internal {
namespace {

constexpr Seconds kLogEvery{5};

// Curves are for display only: a full disk is reported when the job ends.
std::function<bool(const TrainProgress&)> Watch(const std::string& name, const Workplace& place) {
  Seconds logged{0};
  return [name, &place, logged](const TrainProgress& at) mutable {
    const Seconds now = place.clock.Now();
    if (now - logged >= kLogEvery && place.hooks.scalar) {
      place.hooks.scalar("loss/" + name, at.step, at.loss);
      logged = now;
    }
    place.hooks.Report(
        static_cast<double>(at.step) / static_cast<double>(std::max<int64_t>(1, at.steps)),
        fmt::format("{}: loss {:.3f}, {:.0f} images/s", name, at.loss, at.images_per_second));
    return !place.hooks.Cancelled();
  };
}

}  // namespace

TrainOptions TrainingOptions(const JobSpec& job, const std::string& name, double rate,
                             const ImageSet& images, const Workplace& place) {
  const auto parameters = nlohmann::json::parse(job.parameters);
  TrainOptions options{.epochs = parameters["epochs"]};
  const auto usual = static_cast<double>(options.batch);
  options.batch = BatchFor(images);
  // Noise of the gradient that an update adds grows with the square root.
  rate *= std::sqrt(static_cast<double>(options.batch) / usual);
  options.optimizer.relative_rate *= rate;
  options.optimizer.learning_rate *= rate;
  options.loss.form = place.materials.task()->form();
  options.seed = parameters["seed"];
  options.compute = place.compute;
  options.clock = &place.clock;
  if (job.limit > Seconds(0)) options.deadline = place.clock.Now() + job.limit;
  options.progress = Watch(name, place);
  return options;
}

}  // namespace nacre::engine_internal
