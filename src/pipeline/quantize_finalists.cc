// Step 8: INT8 for every finalist.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "pipeline/int8_of_run.h"
#include "target/remote.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

constexpr double kEnd = 0.97;  // share of the budget spent when the last one is tuned
constexpr double kLeastSeconds = 10;

// Of the time up to kEnd, shared by the finalists that are still to come.
Seconds TimeToTune(const Context& context, size_t finalists) {
  const Seconds left = context.budget->At(kEnd) - context.budget->clock().Now();
  return left / static_cast<double>(std::max<size_t>(1, finalists));
}

Expected<Tuned> Tune(Context& context, const Finalist& finalist, const Network& network,
                     Seconds seconds) {
  TuneOptions options{.images = &context.train,
                      .weight_bits = SafeWeightBits(context.machine),
                      .seconds = seconds,
                      .threads = context.Workers(),
                      .seed = context.config.seed};
  options.progress = [&](double share) {
    context.progress->Update(share, fmt::format("finalist {}: trained for INT8", finalist.id));
    return !InterruptRequested();
  };
  return TuneForInt8(network, options);
}

Expected<Job> QuantizeOne(Context& context, const Finalist& finalist, Seconds time) {
  Int8Settings settings = Int8SettingsOf(context);
  settings.reference = finalist.validation;
  settings.known = finalist.ranges;
  if (finalist.ranges.empty() && time.count() >= kLeastSeconds) {
    settings.tune = [&](const Network& network) { return Tune(context, finalist, network, time); };
  }
  NACRE_TRY(const Int8Result result, MakeInt8(finalist.network, settings));
  NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(result.network)));
  return Job{.result = nlohmann::json{{"accuracy", result.accuracy},
                                      {"kept_float", result.kept_float},
                                      {"tuned", result.tuned}}
                           .dump(),
             .artifacts = {hash}};
}

}  // namespace

Expected<void> QuantizeFinalists(Context& context) {
  for (size_t i = 0; i < context.finalists.size(); ++i) {
    Finalist& finalist = context.finalists[i];
    const std::string key = Hasher()
                                .Add("quantize")
                                .Add(StructuralHash(finalist.network, true))
                                .Add(context.calibration.hash)
                                .Add(Fingerprint(context.machine, context.config.target))
                                .Digest();
    const auto job = Once(context, "quantize", key, [&] {
      return QuantizeOne(context, finalist, TimeToTune(context, context.finalists.size() - i));
    });
    if (!job) return tl::unexpected<Error>(job.error());
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(job->artifacts[0]));
    NACRE_TRY(finalist.int8, ParseOnnx(bytes));
    const auto json = nlohmann::json::parse(job->result);
    const size_t kept = json.contains("kept_float") ? json["kept_float"].size() : 0;
    Info(fmt::format("finalist {}: INT8 {:.2f} %, float {:.2f} % on the validation set{}{}",
                     finalist.id, 100 * json["accuracy"].get<double>(), 100 * finalist.validation,
                     json.value("tuned", false) ? ", trained for INT8" : "",
                     kept == 0 ? "" : fmt::format("; {} layers stay float", kept)));
  }
  return {};
}

}  // namespace nacre
