// What the teacher says of augmented images, asked once for all epochs.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "train/batch.h"
#include "train/module.h"
#include "train/trainer.h"

namespace nacre {
namespace {

using Forward = std::function<Expected<Taught>(const Tensor& images)>;

Expected<Forward> ByTorch(const Network& teacher, bool features) {
  const std::string value = features ? ClassifierInput(teacher) : "";
  LowerOptions lower;
  if (!value.empty()) lower.keep.insert(value);
  NACRE_TRY(Module lowered, Module::Lower(teacher, lower));
  const auto module = std::make_shared<const Module>(std::move(lowered));
  return Forward([module, value](const Tensor& images) -> Expected<Taught> {
    Frame frame = module->NewFrame({});
    frame.values[module->InputSlot()] = ToTorch(images);
    module->Run(frame, module->StepsTo({module->OutputSlot()}));
    Taught taught{.logits = FromTorch(frame.values[module->OutputSlot()])};
    if (!value.empty()) taught.features = FromTorch(frame.values[module->Slot(value)]);
    return taught;
  });
}

void Append(const Tensor& rows, std::vector<float>& table) {
  table.insert(table.end(), rows.floats().begin(), rows.floats().end());
}

// Rows of variants 2 k and 2 k + 1 become their mean; `size`: of all rows of a variant. A last one
// without a pair stays as it is.
void AveragePairs(std::vector<float>& table, size_t size) {
  for (size_t begin = 0; size > 0 && begin + 2 * size <= table.size(); begin += 2 * size) {
    for (size_t k = begin; k < begin + size; ++k)
      table[k] = table[k + size] = (table[k] + table[k + size]) / 2;
  }
}

}  // namespace

std::string ClassifierInput(const Network& network) {
  std::string wanted = network.outputs.at(0).name;
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    if (std::find(node->outputs.begin(), node->outputs.end(), wanted) == node->outputs.end())
      continue;
    if (node->op == "Gemm" || node->op == "MatMul") return node->inputs.at(0);
    if (node->op != "Add" && node->op != "Identity") return "";
    // The bias comes on top.
    const auto data = std::find_if(
        node->inputs.begin(), node->inputs.end(),
        [&](const std::string& input) { return network.Initializer(input) == nullptr; });
    if (data == node->inputs.end()) return "";
    wanted = *data;
  }
  return "";
}

Expected<TeacherOutputs> PrecomputeTeacher(const Network& teacher, const ImageSet& images,
                                           const TeacherOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  Forward forward = options.forward;
  if (!forward) {
    NACRE_TRY(forward, ByTorch(teacher, options.features));
  }
  return Guarded("teacher outputs", [&]() -> Expected<TeacherOutputs> {
    const at::NoGradGuard no_grad;
    const TorchThreads torch_threads(options.compute.threads);
    const Normalizer pixels(images);
    TeacherOutputs outputs{
        .seed = options.seed, .variants = options.variants, .augmentation = options.augmentation};
    for (int64_t variant = 0; variant < options.variants; ++variant) {
      for (int64_t begin = 0; begin < images.count(); begin += options.batch) {
        std::vector<int64_t> indices(std::min(options.batch, images.count() - begin));
        std::iota(indices.begin(), indices.end(), begin);
        const std::vector<int64_t> variants(indices.size(), variant);
        NACRE_TRY(const Taught taught,
                  forward(FromTorch(AugmentedBatch(pixels, indices, variants, options.augmentation,
                                                   options.seed))));
        outputs.classes = taught.logits.shape().back();
        Append(taught.logits, outputs.logits);
        if (taught.features.shape().size() == 2) {
          outputs.width = taught.features.shape().back();
          Append(taught.features, outputs.features);
        }
        if (options.progress) {
          options.progress((variant + static_cast<double>(begin) / images.count()) /
                           options.variants);
        }
      }
    }
    if (options.augmentation.flip && options.augmentation.mirrored) {
      AveragePairs(outputs.logits, static_cast<size_t>(images.count() * outputs.classes));
      AveragePairs(outputs.features, static_cast<size_t>(images.count() * outputs.width));
    }
    return outputs;
  });
}

}  // namespace nacre
