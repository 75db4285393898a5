#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "cli/command.h"
#include "cli/detector.h"
#include "data/class_list.h"
#include "data/load_notes.h"
#include "onnx/onnx.h"
#include "pipeline/fit_to_preprocess.h"
#include "target/evaluate.h"
#include "target/remote.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

// The folder to evaluate on: --test, else --data/test, else --data itself when it holds the
// classes.
std::filesystem::path ImagesOf(const SettingFlags& flags, const RunConfig& config) {
  if (flags.given.count("--test") || flags.data.empty()) return config.test;
  if (std::filesystem::exists(config.test)) return config.test;
  return flags.data;
}

// What runs, quantized or not, from float images to logits.
Expected<Core> ReadClassifier(const std::filesystem::path& path, CoreOptions options) {
  NACRE_TRY(const Network file, ReadOnnx(path));
  options.only_trainable = false;
  options.dequantize = false;
  return FindCore(file, options);
}

// How near a network's answers are to another's on the same images.
struct Fidelity {
  Accuracy agreement;     // share of images on which both name the same class
  double divergence = 0;  // Kullback-Leibler, from the other network, nats per image
};

// `logits`: of the network, [count, classes]. `path`: the other network.
Expected<Fidelity> Compare(const Tensor& logits, const std::string& path, Compiler& compiler,
                           const CompileOptions& compile, const ImageSet& images) {
  NACRE_TRY(const Core other, ReadClassifier(path, {}));
  Preprocess preprocess = images.preprocess;
  const auto classes = FitClassifier(other, preprocess);
  if (!classes) return Fail(classes.error().kind, path + ": " + classes.error().message);
  if (const int64_t own = logits.shape()[1]; own != *classes) {
    return Fail(ErrorKind::kModel,
                fmt::format("{} has {} classes, but the network has {}: they cannot be compared",
                            path, *classes, own));
  }
  NACRE_TRY(const Tensor others, PredictCompiled(compiler, other.network, compile, images));
  return Fidelity{Agreement(others, logits), Divergence(others, logits)};
}

struct Evaluation {
  std::optional<Accuracy> accuracy;  // nothing: the images have no labels
  const Metric* metric = &TopOneMetric();
  std::vector<std::string> broken;   // images that could not be read, with the reason
  std::string against;               // the other network's file
  std::optional<Fidelity> fidelity;  // to that network, when it is given
};

Expected<Evaluation> Evaluate(RunConfig config, const std::string& against,
                              const SettingFlags& flags) {
  NACRE_CHECK_OK(CheckTask(config));
  NACRE_TRY(const Core core, ReadClassifier(config.model, {.output = config.output,
                                                           .height = config.preprocess.height,
                                                           .width = config.preprocess.width}));
  const Network& network = core.network;
  const auto folder = ImagesOf(flags, config);
  if (folder.empty()) return Fail(ErrorKind::kUsage, "no images: give --data DIR or --test DIR");
  const bool labelled = config.task != TaskKind::kAgreement;
  if (!labelled && against.empty()) {
    return Fail(ErrorKind::kUsage,
                "--task agreement needs the network to agree with: give --against FILE");
  }
  NACRE_TRY(const int64_t classes, FitClassifier(core, config.preprocess));
  LoadReport report;
  NACRE_TRY(LoadOptions options, ImageOptions(config));
  options.expected_classes = classes;
  NACRE_TRY(const ImageSet images, LoadImageFolder(folder, options, &report));
  for (const std::string& note : LoadNotes(folder, options, report)) Warn(note);
  if (labelled) Info(DescribeClasses(images.classes));
  const auto compiler = MakeOpenVinoCompiler();
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  NACRE_CHECK_OK(CheckServes(machine, config.target));
  const CompileOptions compile{config.target.precision, InspectMachine().cores, kDynamic};
  NACRE_TRY(const Tensor logits, PredictCompiled(*compiler, network, compile, images));
  Evaluation result{.broken = report.broken};
  result.metric = config.metric;
  if (labelled) result.accuracy = config.metric->Measure(logits, images.labels);
  if (labelled && config.stated_accuracy && result.accuracy->high < *config.stated_accuracy) {
    return ExplainMismatch(network, *compiler, images, *result.accuracy, *config.stated_accuracy,
                           *config.metric);
  }
  if (!against.empty()) {
    result.against = against;
    NACRE_TRY(result.fidelity, Compare(logits, against, *compiler, compile, images));
  }
  return result;
}

void PrintJson(const Evaluation& result) {
  nlohmann::json json{{"broken", result.broken}};
  if (result.accuracy) {
    json["metric"] = result.metric->name();
    json["accuracy"] = result.accuracy->value;
    json["accuracy_ci"] = {result.accuracy->low, result.accuracy->high};
  }
  json["images"] = result.accuracy ? result.accuracy->images : result.fidelity->agreement.images;
  if (result.fidelity) {
    json["agreement"] = result.fidelity->agreement.value;
    json["divergence"] = result.fidelity->divergence;
  }
  fmt::print("{}\n", json.dump(2));
}

void PrintText(const Evaluation& result) {
  std::string broken;
  if (!result.broken.empty()) {
    broken = fmt::format("; {} unreadable, first: {}", result.broken.size(), result.broken.front());
  }
  if (result.accuracy) {
    fmt::print("{} {:.2f} %  (95 % interval {:.2f} to {:.2f}, {} images{})\n",
               result.metric->title(), 100 * result.accuracy->value, 100 * result.accuracy->low,
               100 * result.accuracy->high, result.accuracy->images, broken);
  } else {
    fmt::print("{} images without labels{}\n", result.fidelity->agreement.images, broken);
  }
  if (!result.fidelity) return;
  fmt::print("{:.2f} % of the answers are those of {}; divergence from it {:.4f} nats per image\n",
             100 * result.fidelity->agreement.value, result.against, result.fidelity->divergence);
}

Expected<void> EvaluateAndPrint(const std::string& model, const std::string& against,
                                const SettingFlags& flags, bool json) {
  NACRE_TRY(const RunConfig config, ConfigFrom(model, flags));
  if (config.task == TaskKind::kDetection) {
    const auto boxes = ImagesOf(flags, config);
    if (boxes.empty()) return Fail(ErrorKind::kUsage, "no boxes: give --data DIR or --test SET");
    if (!against.empty()) {
      return Fail(ErrorKind::kUsage, "--against compares classifiers: leave it out for detection");
    }
    return EvaluateDetector(config, boxes, json);
  }
  NACRE_TRY(const Evaluation result, Evaluate(config, against, flags));
  if (json)
    PrintJson(result);
  else
    PrintText(result);
  return {};
}

}  // namespace

void AddEval(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("eval", "measure accuracy, with its confidence interval");
  auto model = std::make_shared<std::string>();
  auto against = std::make_shared<std::string>();
  auto flags = std::make_shared<SettingFlags>();
  command->add_option("MODEL", *model, "an ONNX file, float or quantized, or a run file")
      ->required();
  command->add_option(
      "--against", *against,
      "another ONNX file to compare with: how often both give the same answer, and how far apart "
      "their outputs are");
  AddSettingFlags(*command, *flags, {"model.", "data."});
  command->callback([&line, model, against, flags] {
    line.chosen = [&line, model, against, flags] {
      return EvaluateAndPrint(*model, *against, *flags, line.json);
    };
  });
}

}  // namespace nacre
