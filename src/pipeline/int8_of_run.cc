#include "pipeline/int8_of_run.h"

#include <fmt/format.h>

#include "base/log.h"
#include "graph/simplify.h"
#include "target/evaluate.h"
#include "target/remote.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

constexpr double kLossWorthTraining = 0.002;  // method.md, section 2, step 8: 0.1 to 0.2 points

}  // namespace

Int8Settings Int8SettingsOf(const Context& context) {
  Int8Settings settings{.compiler = context.compiler,
                        .calibration = &context.calibration,
                        .validation = &context.validation};
  settings.weight_bits = SafeWeightBits(context.machine);
  settings.workers = context.Workers();
  settings.timed = context.TimedOptions();
  settings.limits = LimitsFor(context.config.target);
  settings.seed = context.config.seed;
  return settings;
}

std::function<Expected<int>(const Network&)> EndsWithBits(const Context& context,
                                                          const std::string& id) {
  if (context.config.target.precision != Precision::kInt8) return nullptr;
  return [&context, id](const Network& network) -> Expected<int> {
    Int8Settings settings = Int8SettingsOf(context);
    settings.acceptable_loss = 1;  // no layers back to float: the weights are to change
    const CompileOptions floats{Precision::kFp32, settings.workers, kDynamic};
    NACRE_TRY(const Accuracy accuracy, EvaluateCompiled(*settings.compiler, FoldBatchNorm(network),
                                                        floats, context.validation));
    settings.reference = accuracy.value;
    NACRE_TRY(const Int8Result int8, MakeInt8(network, settings));
    if (accuracy.value - int8.accuracy <= kLossWorthTraining) return 0;
    Info(fmt::format(
        "finalist {}: INT8 would cost {:.2f} points; the rest of its training is for {} bits", id,
        100 * (accuracy.value - int8.accuracy), settings.weight_bits));
    return settings.weight_bits;
  };
}

}  // namespace nacre
