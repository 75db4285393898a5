#include "pipeline/baselines.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cost/objective.h"
#include "engine/jobs/int8_job.h"
#include "engine/jobs/latency_job.h"
#include "quantize/quantize.h"

namespace nacre {
namespace {

constexpr int kRounds = 31;  // twice those of a candidate: every speedup refers to this

}  // namespace

Expected<Baselines> MeasureBaselines(RunServices& run, const Ingested& in) {
  Baselines baselines;
  NACRE_TRY(const JobResult quantized,
            run.jobs.Do(
                QuantizeSpec(in.original_hash, in.calibration->hash, SafeWeightBits(run.machine))));
  baselines.int8 = quantized.artifacts.at(0);
  const LatencyJob job{
      .networks = {{in.original_hash, TimedForm::kFolded, Precision::kFp32},
                   {baselines.int8, TimedForm::kAsIs, run.config.target.precision}},
      .target = run.config.target,
      .fingerprint = run.Fingerprint(),
      .rounds = kRounds};
  NACRE_TRY(const JobResult measured, run.jobs.Do(LatencySpec(job)));
  const auto latencies = ReadLatencies(measured);
  baselines.fp32_latency = latencies.at(0).median;
  baselines.int8_latency = latencies.at(1).median;
  NACRE_TRY(baselines.usage, UsageOf(in.original, run.config.target));
  baselines.usage.latency = baselines.int8_latency.count();
  Info(fmt::format("original on {}: FP32 {:.3f} ms, INT8 {:.3f} ms", run.config.target.ToString(),
                   Milliseconds(baselines.fp32_latency), Milliseconds(baselines.int8_latency)));
  return baselines;
}

}  // namespace nacre
