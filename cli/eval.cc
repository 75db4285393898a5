#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "data/image_folder.h"
#include "onnx/onnx.h"
#include "pipeline/fit_to_preprocess.h"
#include "target/evaluate.h"
#include "target/remote.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

// The folder to score on: --test, else --data itself when it holds class folders, else --data/test.
std::filesystem::path ImagesOf(const SettingFlags& flags, const RunConfig& config) {
  if (flags.given.count("--test") || flags.data.empty()) return config.test;
  return std::filesystem::is_directory(config.test) ? config.test
                                                    : std::filesystem::path(flags.data);
}

// Beside another network on the same images.
struct Fidelity {
  Accuracy agreement;     // both name the same class
  double divergence = 0;  // from the other, nats an image
};

// `logits`: of the network, [count, classes].
Expected<Fidelity> Compare(const Tensor& logits, const std::string& path, Compiler& compiler,
                           const CompileOptions& compile, const ImageSet& images) {
  NACRE_TRY(const Network other, ReadOnnx(path));
  Preprocess preprocess = images.preprocess;
  const auto classes = FitToPreprocess(other, preprocess);
  if (!classes) return Fail(classes.error().kind, path + ": " + classes.error().message);
  if (const int64_t mine = logits.shape()[1]; mine != *classes) {
    return Fail(ErrorKind::kModel,
                fmt::format("{} has {} classes, the network {}: there is nothing to compare", path,
                            *classes, mine));
  }
  NACRE_TRY(const Tensor others, PredictCompiled(compiler, other, compile, images));
  return Fidelity{Agreement(others, logits), Divergence(others, logits)};
}

Expected<void> Eval(const std::string& model, const std::string& against, const SettingFlags& flags,
                    bool json) {
  NACRE_TRY(RunConfig config, ConfigFrom(model, flags));
  NACRE_TRY(const Network network, ReadOnnx(config.model));
  const auto folder = ImagesOf(flags, config);
  if (folder.empty()) return Fail(ErrorKind::kUsage, "no images: give --data DIR or --test DIR");
  NACRE_TRY(const int64_t classes, FitToPreprocess(network, config.preprocess));
  LoadReport report;
  NACRE_TRY(const ImageSet images,
            LoadImageFolder(folder, {.preprocess = config.preprocess, .expected_classes = classes},
                            &report));
  const auto compiler = MakeOpenVinoCompiler();
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  NACRE_CHECK_OK(CheckServes(machine, config.target));
  const CompileOptions compile{config.target.precision, InspectMachine().cores, kDynamic};
  NACRE_TRY(const Tensor logits, PredictCompiled(*compiler, network, compile, images));
  const Accuracy top1 = TopOne(logits, images.labels);
  if (config.stated_accuracy && (top1.high < *config.stated_accuracy)) {
    return ExplainMismatch(network, *compiler, images, top1, *config.stated_accuracy);
  }
  std::optional<Fidelity> fidelity;
  if (!against.empty()) {
    NACRE_TRY(fidelity, Compare(logits, against, *compiler, compile, images));
  }
  if (json) {
    nlohmann::json told{{"accuracy", top1.value},
                        {"accuracy_ci", {top1.low, top1.high}},
                        {"images", top1.images},
                        {"broken", report.broken}};
    if (fidelity)
      told["agreement"] = fidelity->agreement.value, told["divergence"] = fidelity->divergence;
    fmt::print("{}\n", told.dump(2));
    return {};
  }
  fmt::print("top-1 {:.2f} %  (95 % interval {:.2f} to {:.2f}, {} images", 100 * top1.value,
             100 * top1.low, 100 * top1.high, top1.images);
  fmt::print("{})\n", report.broken.empty()
                          ? std::string()
                          : fmt::format("; {} unreadable, first: {}", report.broken.size(),
                                        report.broken.front()));
  if (fidelity) {
    fmt::print("{:.2f} % of the answers are those of {}, divergence from it {:.4f} nats an image\n",
               100 * fidelity->agreement.value, against, fidelity->divergence);
  }
  return {};
}

}  // namespace

void AddEval(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("eval", "accuracy with its confidence interval");
  auto model = std::make_shared<std::string>();
  auto against = std::make_shared<std::string>();
  auto flags = std::make_shared<SettingFlags>();
  command->add_option("MODEL", *model, "an ONNX file, float or quantized, or a run file")
      ->required();
  command->add_option(
      "--against", *against,
      "another ONNX file: how often both give the same answer, and how far the outputs are apart");
  AddSettingFlags(*command, *flags, {"model.", "data."});
  command->callback([&line, model, against, flags] {
    line.chosen = [&line, model, against, flags] {
      return Eval(*model, *against, *flags, line.json);
    };
  });
}

}  // namespace nacre
