#include "pipeline/core_for.h"

#include "pipeline/fit_to_preprocess.h"

namespace nacre {

Expected<Core> FindCoreFor(const RunConfig& config, const Network& file, bool only_trainable) {
  CoreOptions options{.output = config.output,
                      .height = config.preprocess.height,
                      .width = config.preprocess.width,
                      .only_trainable = only_trainable};
  options.heads = config.task == TaskKind::kDetection;
  Expected<Core> core = FindCore(file, options);
  if (!core || !AgreesByHeads(config, *core) || !config.output.empty()) return core;
  options.heads = true;
  return FindCore(file, options);
}

Expected<int64_t> FitToTask(const RunConfig& config, const Core& core, Preprocess& preprocess) {
  const bool by_heads = config.task == TaskKind::kDetection || AgreesByHeads(config, core);
  return by_heads ? FitToPreprocess(core, preprocess) : FitClassifier(core, preprocess);
}

}  // namespace nacre
