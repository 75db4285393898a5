#include <fmt/format.h>

#include "base/log.h"
#include "forecast/priors.h"
#include "pipeline/int8_of_run.h"
#include "pipeline/reserve.h"
#include "pipeline/train_finalists.h"

namespace nacre {

std::function<Expected<int>(const ArtifactHash&)> EndsWithBits(RunServices& run, const Ingested& in,
                                                               const std::string& id) {
  if (run.config.target.precision != Precision::kInt8) return nullptr;
  return [&run, &in, id](const ArtifactHash& network) -> Expected<int> {
    NACRE_TRY(const bool time, IsTimeForInt8Loss(run));
    if (!time) return 0;
    const Int8Job job = Int8JobOf(run, in, network, id);
    NACRE_TRY(const JobResult done, run.jobs.Do(Int8LossSpec(job)));
    const double loss = ReadInt8Loss(done);
    if (loss <= priors::kInt8LossWorthTraining) return 0;
    Info(fmt::format(
        "finalist {}: INT8 would cost {:.2f} points; the rest of its training is for {} bits", id,
        100 * loss, job.weight_bits));
    return job.weight_bits;
  };
}

}  // namespace nacre
