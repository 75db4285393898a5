#include "train/teacher.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "train/batch.h"
#include "train/convert.h"
#include "train/guarded.h"
#include "train/module.h"

namespace nacre {

using namespace train_internal;

namespace {

using Forward = std::function<Expected<TeacherAnswer>(const Tensor& images)>;

// The teacher itself, lowered.
Expected<Forward> TorchForward(const Network& teacher, bool features) {
  const std::string value = features ? ClassifierInput(teacher) : "";
  LowerOptions lower;
  if (!value.empty()) lower.keep.insert(value);
  NACRE_TRY(Module lowered, Module::Lower(teacher, lower));
  const auto module = std::make_shared<const Module>(std::move(lowered));
  return Forward([module, value](const Tensor& images) -> Expected<TeacherAnswer> {
    Frame frame = module->NewFrame({});
    frame.values[module->InputSlot()] = ToTorch(images);
    module->Run(frame, module->OperationsTo({module->OutputSlot()}));
    TeacherAnswer answer{.logits = FromTorch(frame.values[module->OutputSlot()])};
    if (!value.empty()) answer.features = FromTorch(frame.values[module->Slot(value)]);
    return answer;
  });
}

void AppendRows(const Tensor& rows, std::vector<float>& table) {
  table.insert(table.end(), rows.floats().begin(), rows.floats().end());
}

void Append(const TeacherAnswer& answer, TeacherOutputs& outputs) {
  outputs.classes = answer.logits.shape().back();
  AppendRows(answer.logits, outputs.logits);
  if (answer.features.shape().size() != 2) return;
  outputs.width = answer.features.shape().back();
  AppendRows(answer.features, outputs.features);
}

Expected<TeacherAnswer> Ask(const Forward& forward, const Normalizer& pixels,
                            const std::vector<int64_t>& images, int64_t variant,
                            const TeacherOptions& options) {
  const std::vector<int64_t> variants(images.size(), variant);
  return forward(
      FromTorch(AugmentedBatch(pixels, images, variants, options.augmentation, options.seed)));
}

// Rows of variants 2 k and 2 k + 1 become their mean; `size` is that of all rows of a variant. A
// last variant without a pair stays as it is.
void AveragePairs(std::vector<float>& table, size_t size) {
  for (size_t begin = 0; size > 0 && begin + 2 * size <= table.size(); begin += 2 * size) {
    for (size_t k = begin; k < begin + size; ++k) {
      const float mean = (table[k] + table[k + size]) / 2;
      table[k] = mean;
      table[k + size] = mean;
    }
  }
}

// The data input of a bias's addition or of an Identity; empty when there is none.
std::string DataInput(const Network& network, const Node& node) {
  const auto data =
      std::find_if(node.inputs.begin(), node.inputs.end(),
                   [&](const std::string& input) { return network.Initializer(input) == nullptr; });
  return data == node.inputs.end() ? "" : *data;
}

bool Makes(const Node& node, const std::string& value) {
  return std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end();
}

Expected<TeacherOutputs> AskAboutAll(const Forward& forward, const ImageSet& images,
                                     const TeacherOptions& options) {
  const Normalizer pixels(images);
  TeacherOutputs outputs{
      .seed = options.seed, .variants = options.variants, .augmentation = options.augmentation};
  for (int64_t variant = 0; variant < options.variants; ++variant) {
    for (int64_t begin = 0; begin < images.count(); begin += options.batch) {
      std::vector<int64_t> batch(std::min(options.batch, images.count() - begin));
      std::iota(batch.begin(), batch.end(), begin);
      NACRE_TRY(const TeacherAnswer answer, Ask(forward, pixels, batch, variant, options));
      Append(answer, outputs);
      const double of_variant = static_cast<double>(begin) / static_cast<double>(images.count());
      if (options.progress)
        options.progress((static_cast<double>(variant) + of_variant) /
                         static_cast<double>(options.variants));
    }
  }
  return outputs;
}

}  // namespace

std::string ClassifierInput(const Network& network) {
  std::string wanted = network.outputs.at(0).name;
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    if (!Makes(*node, wanted)) continue;
    if (node->op == "Gemm" || node->op == "MatMul") return node->inputs.at(0);
    if (node->op != "Add" && node->op != "Identity") return "";
    wanted = DataInput(network, *node);
    if (wanted.empty()) return "";
  }
  return "";
}

Expected<TeacherOutputs> PrecomputeTeacher(const Network& teacher, const ImageSet& images,
                                           const TeacherOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  Forward forward = options.forward;
  if (!forward) {
    NACRE_TRY(forward, TorchForward(JoinAnswers(teacher, options.form), options.features));
  }
  return Guarded("teacher outputs", [&]() -> Expected<TeacherOutputs> {
    const at::NoGradGuard no_grad;
    const TorchThreads threads(options.compute.threads);
    NACRE_TRY(TeacherOutputs outputs, AskAboutAll(forward, images, options));
    if (options.augmentation.flip && options.augmentation.mirrored) {
      AveragePairs(outputs.logits, static_cast<size_t>(images.count() * outputs.classes));
      AveragePairs(outputs.features, static_cast<size_t>(images.count() * outputs.width));
    }
    return outputs;
  });
}

}  // namespace nacre
