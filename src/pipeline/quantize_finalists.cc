// Step 8: INT8. Post-training first, the ranges by the method that keeps most accuracy on the validation set.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "evaluate/accuracy.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "quantize/quantize.h"

namespace nacre {
namespace {

constexpr double kAcceptableLoss = 0.001;

struct Attempt {
  Network network;
  double accuracy = 0;
};

Expected<Attempt> QuantizeBy(Context& context, const Network& network, RangeMethod method) {
  QuantizeOptions options{.ranges = method};
  options.weight_bits = SafeWeightBits(context.machine);
  NACRE_TRY(Network quantized, Quantize(network, *context.compiler, context.calibration, options));
  CompileOptions compile{Precision::kInt8, context.Workers(), kDynamic};
  NACRE_TRY(const Accuracy accuracy,
            EvaluateCompiled(*context.compiler, quantized, compile, context.validation));
  return Attempt{std::move(quantized), accuracy.value};
}

Expected<Job> BestQuantization(Context& context, const Finalist& finalist) {
  Attempt best;
  for (RangeMethod method : {RangeMethod::kMse, RangeMethod::kPercentile, RangeMethod::kMinMax}) {
    NACRE_TRY(Attempt attempt, QuantizeBy(context, finalist.network, method));
    if (attempt.accuracy > best.accuracy) best = std::move(attempt);
    if (best.accuracy >= finalist.validation - kAcceptableLoss) break;
  }
  NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(best.network)));
  return Job{.result = nlohmann::json{{"accuracy", best.accuracy}}.dump(), .artifacts = {hash}};
}

}  // namespace

Expected<void> QuantizeFinalists(Context& context) {
  for (Finalist& finalist : context.finalists) {
    const std::string key = Hasher().Add("quantize").Add(StructuralHash(finalist.network, true))
                                .Add(context.calibration.hash)
                                .Add(Fingerprint(context.machine, context.config.target)).Digest();
    const auto job = Once(context, "quantize", key,
                          [&] { return BestQuantization(context, finalist); });
    if (!job) return tl::unexpected<Error>(job.error());
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[0]));
    NACRE_TRY(finalist.int8, ParseOnnx(bytes));
    const double accuracy = nlohmann::json::parse(job->result)["accuracy"];
    Info(fmt::format("finalist {}: INT8 {:.2f} %, float {:.2f} % on the validation set",
                     finalist.id, 100 * accuracy, 100 * finalist.validation));
  }
  return {};
}

}  // namespace nacre
