// The task of a network that does not classify, by agreement with itself before anything changed.
#pragma once

#include <functional>
#include <memory>

#include "data/image_set.h"
#include "graph/core.h"
#include "target/target.h"
#include "task/dense_agreement.h"

namespace nacre {

struct AgreementInputs {
  const Core& core;    // with CoreOptions::heads
  Compiler& compiler;  // outlives the task
  int threads = 1;
  // The set with this hash.
  std::function<Expected<std::shared_ptr<const ImageSet>>(const std::string& images)> images;
};

// The original's answers to a set are computed when they are first asked for, and kept. Error
// (kModel): the shape of an answer is not known.
Expected<std::shared_ptr<const Task>> DenseAgreementTaskFor(const AgreementInputs& inputs);

}  // namespace nacre
