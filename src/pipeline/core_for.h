// The core of a file for a task.
#pragma once

#include "config/config.h"
#include "graph/core.h"

namespace nacre {

// Up to what classifies; for detection up to the heads, and for agreement, too, where nothing
// classifies. Sizes and the output are those of the configuration. Errors: those of FindCore.
Expected<Core> FindCoreFor(const RunConfig& config, const Network& file, bool only_trainable);

// Whether all outputs of the core are answers, which are compared as they are
// (task/dense_agreement.h).
inline bool AgreesByHeads(const RunConfig& config, const Core& core) {
  return config.task == TaskKind::kAgreement && core.classes == 0;
}

// FitToPreprocess, and for a task of classes FitClassifier: the classes; 0: heads answer.
Expected<int64_t> FitToTask(const RunConfig& config, const Core& core, Preprocess& preprocess);

}  // namespace nacre
