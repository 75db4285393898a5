#include "pipeline/quantize_finalists.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/shares.h"
#include "pipeline/int8_of_run.h"
#include "pipeline/reserve.h"

namespace nacre {
namespace {

// The time until tuning must end, shared by the finalists that are still to come; `int8`: what each
// takes without it.
Seconds TimeToTune(const Budget& budget, size_t finalists, Seconds int8) {
  const Seconds left = budget.At(shares::kTuningEnds) - budget.clock().Now();
  return std::max(Seconds(1e-3), left / static_cast<double>(finalists) - int8);
}

std::string Summary(const Finalist& finalist, const Int8Figures& int8) {
  return fmt::format(
      "finalist {}: INT8 {:.2f} %, float {:.2f} % on the validation set{}{}", finalist.id,
      100 * int8.accuracy, 100 * finalist.accuracy, int8.tuned ? ", trained for INT8" : "",
      int8.kept_float == 0 ? "" : fmt::format("; {} layers stay float", int8.kept_float));
}

}  // namespace

Expected<std::vector<QuantizedFinalist>> QuantizeFinalists(RunServices& run, const Ingested& in,
                                                           const Budget& budget,
                                                           const std::vector<Finalist>& finalists) {
  std::vector<QuantizedFinalist> quantized;
  NACRE_TRY(const Seconds int8_takes, SecondsOfInt8(run));
  for (const Finalist& finalist : finalists) {
    Int8Job job = Int8JobOf(run, in, finalist.network, finalist.id);
    job.reference = finalist.accuracy;
    job.known = finalist.ranges;
    job.limit = TimeToTune(budget, finalists.size() - quantized.size(), int8_takes);
    NACRE_TRY(const JobResult done, run.jobs.Do(Int8Spec(job)));
    const Int8Figures int8 = ReadInt8(done);
    Info(Summary(finalist, int8));
    quantized.push_back({finalist, int8.network});
  }
  return quantized;
}

}  // namespace nacre
