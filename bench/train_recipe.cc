// What a training recipe gives: train_recipe NETWORK.onnx TEACHER.onnx TRAIN CACHE [name=value]...
// Names: epochs relative rate distill hint temperature average decay batch warm variants shift
// cutout zoom color mix mirrored seed bits bf16 threads size, and save, a file for the trained
// network, and val, a folder. The teacher's outputs are kept in CACHE; with distill=0 and without
// hint there is no teacher. Mean and deviation are those of ImageNet. Prints accuracy on the images
// of val, else on a tenth of TRAIN that is held out, nats of divergence from the teacher there, the
// loss on the training images, and images per second.
#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "bench/images.h"
#include "bench/must.h"
#include "onnx/onnx.h"
#include "task/accuracy.h"
#include "train/predict.h"
#include "train/teacher.h"
#include "train/train.h"

using namespace nacre;

namespace {

TeacherOutputs Teach(const Network& teacher, const ImageSet& images, const std::string& cache,
                     const TeacherOptions& options) {
  std::ifstream file(cache, std::ios::binary);
  if (!file) {
    const TeacherOutputs outputs = Must(PrecomputeTeacher(teacher, images, options));
    std::ofstream out(cache, std::ios::binary);
    for (const auto* part : {&outputs.logits, &outputs.features}) {
      out.write(reinterpret_cast<const char*>(part->data()),
                static_cast<std::streamsize>(4 * part->size()));
    }
    return outputs;
  }
  std::ostringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  TeacherOutputs outputs{
      .seed = options.seed, .variants = options.variants, .augmentation = options.augmentation};
  outputs.classes = static_cast<int64_t>(images.classes.size());
  outputs.logits.resize(static_cast<size_t>(options.variants * images.count() * outputs.classes));
  outputs.features.resize(bytes.size() / 4 - outputs.logits.size());
  std::memcpy(outputs.logits.data(), bytes.data(), 4 * outputs.logits.size());
  std::memcpy(outputs.features.data(), bytes.data() + 4 * outputs.logits.size(),
              4 * outputs.features.size());
  outputs.width = static_cast<int64_t>(outputs.features.size()) / options.variants / images.count();
  return outputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: {} NETWORK.onnx TEACHER.onnx TRAIN CACHE [name=value]...\n",
               argv[0]);
    return 2;
  }
  std::map<std::string, double> given;
  std::string arguments, save, validation;
  for (int i = 5; i < argc; ++i) {
    const std::string text = argv[i];
    const size_t at = text.find('=');
    if (text.starts_with("save="))
      save = text.substr(at + 1);
    else if (text.starts_with("val="))
      validation = text.substr(at + 1);
    else
      given[text.substr(0, at)] = std::stod(text.substr(at + 1));
    arguments += " " + text;
  }
  const auto get = [&](const std::string& name, double fallback) {
    return given.count(name) ? given[name] : fallback;
  };
  const Network network = Must(ReadOnnx(argv[1]));
  const auto side = static_cast<int64_t>(get("size", 32));
  ImageSet train = LoadForBench(argv[3], side), held;
  if (validation.empty()) {
    Split split = SplitByClass(train, 0.1, 0);  // as a run with seed 0 splits it
    train = std::move(split.train);
    held = std::move(split.validation);
  } else {
    held = LoadForBench(validation, side);
  }
  TeacherOptions teaching{.variants = static_cast<int64_t>(get("variants", 4)),
                          .seed = static_cast<uint64_t>(get("seed", 0))};
  teaching.features = true;
  teaching.augmentation.shift = static_cast<int64_t>(get("shift", 4));
  teaching.augmentation.cutout = static_cast<int64_t>(get("cutout", 0));
  teaching.augmentation.mix = get("mix", 0);
  teaching.augmentation.zoom = get("zoom", 0);
  teaching.augmentation.color = get("color", 0);
  teaching.augmentation.mirrored = get("mirrored", 0) != 0;
  TrainOptions options;
  options.compute.threads = static_cast<int>(get("threads", options.compute.threads));
  options.epochs = get("epochs", 3);
  options.batch = static_cast<int64_t>(get("batch", 128));
  options.optimizer.relative_rate = get("relative", options.optimizer.relative_rate);
  options.optimizer.learning_rate = get("rate", options.optimizer.learning_rate);
  options.loss.distill = get("distill", options.loss.distill);
  options.loss.temperature = get("temperature", options.loss.temperature);
  options.loss.hint = get("hint", options.loss.hint);
  options.average = get("average", options.average);
  options.optimizer.weight_decay = get("decay", options.optimizer.weight_decay);
  options.optimizer.warm_up = get("warm", options.optimizer.warm_up);
  options.weight_bits = static_cast<int>(get("bits", 0));  // under fake quantisation; 0: floats
  options.compute.bf16 = get("bf16", 0) != 0;
  options.augmentation = teaching.augmentation;
  TeacherOutputs teacher;
  const bool taught = options.loss.distill > 0 || options.loss.hint > 0;
  if (taught) teacher = Teach(Must(ReadOnnx(argv[2])), train, argv[4], teaching);
  const TrainResult result = Must(Train(network, train, taught ? &teacher : nullptr, options));
  if (!save.empty()) Must(WriteOnnx(result.network, save));
  const Tensor logits = Must(Predict(result.network, held));
  const Accuracy accuracy = TopOne(logits, held.labels);
  const double divergence = Divergence(Must(Predict(Must(ReadOnnx(argv[2])), held)), logits);
  fmt::print("{}{}: {:.2f} % ({:.2f}-{:.2f}), divergence {:.4f}, loss {:.3f}, {:.0f} images/s\n",
             argv[1], arguments, 100 * accuracy.value, 100 * accuracy.low, 100 * accuracy.high,
             divergence, result.loss, result.images_per_second);
}
