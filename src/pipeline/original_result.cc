#include "pipeline/original_result.h"

#include "graph/simplify.h"

namespace nacre {

Expected<QuantizedFinalist> OriginalResult(RunServices& run, const Ingested& in,
                                           const Baselines& baselines, const RatedSpace& rated) {
  QuantizedFinalist original{.finalist = {.id = kOriginalId, .description = kOriginalId},
                             .int8 = baselines.int8};
  original.finalist.picks = Original(rated.space).picks;
  original.finalist.validation = in.accuracies.validation;
  NACRE_TRY(original.finalist.network, run.materials.PutNetwork(FoldBatchNorm(in.original)));
  return original;
}

}  // namespace nacre
