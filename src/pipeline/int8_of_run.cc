#include "pipeline/int8_of_run.h"

namespace nacre {

Int8Job Int8JobOf(const RunServices& run, const Ingested& in, const ArtifactHash& network,
                  const std::string& name) {
  return {.name = name,
          .network = network,
          .train = in.train->hash,
          .validation = in.selecting->hash,
          .calibration = in.calibration->hash,
          .weight_bits = SafeWeightBits(run.machine),
          .target = run.config.target,
          .fingerprint = run.Fingerprint(),
          .seed = run.config.seed};
}

}  // namespace nacre
