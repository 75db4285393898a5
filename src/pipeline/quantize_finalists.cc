// Step 8: INT8 for every finalist.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "pipeline/int8.h"
#include "target/remote.h"

namespace nacre {
namespace {

Expected<Job> QuantizeOne(Context& context, const Finalist& finalist) {
  Int8Settings settings{.compiler = context.compiler, .calibration = &context.calibration,
                        .validation = &context.validation, .reference = finalist.validation};
  settings.weight_bits = SafeWeightBits(context.machine);
  settings.workers = context.Workers();
  settings.timed = context.TimedOptions();
  settings.limits = LimitsFor(context.config.target);
  settings.seed = context.config.seed;
  NACRE_TRY(const Int8Result result, MakeInt8(finalist.network, settings));
  NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(result.network)));
  return Job{.result = nlohmann::json{{"accuracy", result.accuracy}, {"kept_float", result.kept_float}}.dump(),
             .artifacts = {hash}};
}

}  // namespace

Expected<void> QuantizeFinalists(Context& context) {
  for (Finalist& finalist : context.finalists) {
    const std::string key = Hasher().Add("quantize").Add(StructuralHash(finalist.network, true))
                                .Add(context.calibration.hash)
                                .Add(Fingerprint(context.machine, context.config.target)).Digest();
    const auto job = Once(context, "quantize", key, [&] { return QuantizeOne(context, finalist); });
    if (!job) return tl::unexpected<Error>(job.error());
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[0]));
    NACRE_TRY(finalist.int8, ParseOnnx(bytes));
    const auto json = nlohmann::json::parse(job->result);
    const size_t kept = json.contains("kept_float") ? json["kept_float"].size() : 0;
    Info(fmt::format("finalist {}: INT8 {:.2f} %, float {:.2f} % on the validation set{}", finalist.id,
                     100 * json["accuracy"].get<double>(), 100 * finalist.validation,
                     kept == 0 ? "" : fmt::format("; {} layers stay float", kept)));
  }
  return {};
}

}  // namespace nacre
