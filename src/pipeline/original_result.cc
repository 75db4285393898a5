#include "pipeline/original_result.h"

#include "graph/simplify.h"
#include "pipeline/int8_of_run.h"

namespace nacre {

Expected<QuantizedFinalist> OriginalResult(RunServices& run, const Ingested& in,
                                           const Baselines& baselines, const RatedSpace& rated) {
  QuantizedFinalist original{.finalist = {.id = kOriginalId, .description = kOriginalId},
                             .int8 = baselines.int8};
  original.finalist.picks = Original(rated.space).picks;
  original.finalist.accuracy = in.accuracy.value;
  NACRE_TRY(original.finalist.network, run.materials.PutNetwork(FoldBatchNorm(in.original)));
  return original;
}

Expected<ArtifactHash> GuardedInt8(RunServices& run, const Ingested& in,
                                   const QuantizedFinalist& original) {
  if (run.config.target.precision != Precision::kInt8) return original.int8;
  Int8Job job = Int8JobOf(run, in, original.finalist.network, original.finalist.id);
  job.reference = original.finalist.accuracy;
  job.limit = Seconds(1e-3);  // nothing is tuned
  NACRE_TRY(const JobResult done, run.jobs.Do(Int8Spec(job)));
  return ReadInt8(done).network;
}

}  // namespace nacre
