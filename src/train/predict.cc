#include "train/predict.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "train/batch.h"
#include "train/convert.h"
#include "train/guarded.h"
#include "train/memory.h"
#include "train/module.h"

namespace nacre {

using namespace train_internal;

Expected<Tensor> Predict(const Network& network, const ImageSet& images, int64_t batch) {
  NACRE_TRY(const Module module, Module::Lower(network));
  return Guarded("predicting", [&]() -> Expected<Tensor> {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> parts;
    VisitBatches(images, BatchToRun(network, batch),
                 [&](const at::Tensor& input) { parts.push_back(module.Forward(input)); });
    if (parts.empty()) return Fail(ErrorKind::kData, "there are no images to predict on");
    return FromTorch(at::cat(parts));
  });
}

}  // namespace nacre
