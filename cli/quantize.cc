#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "dataset/image_folder.h"
#include "evaluate/accuracy.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "pipeline/int8.h"
#include "quantize/quantize.h"
#include "target/remote.h"

namespace nacre {
namespace {

Expected<ImageSet> LoadLabelled(const std::filesystem::path& folder, const RunConfig& config, int64_t classes) {
  LoadReport report;
  return LoadImageFolder(folder, {.preprocess = config.preprocess, .expected_classes = classes}, &report);
}

// With validation images the loss is held within max_drop, at the price of layers in float; without, nothing is checked.
Expected<Int8Result> Quantized(const Network& network, const ImageSet& calibration, const RunConfig& config,
                               int64_t classes) {
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  const int cores = InspectMachine().cores;
  const auto compiler = MakeOpenVinoCompiler();
  if (config.validation.empty()) {
    QuantizeOptions options;
    options.weight_bits = SafeWeightBits(machine);
    NACRE_TRY(Network quantized, Quantize(network, *compiler, calibration, options));
    return Int8Result{.network = std::move(quantized)};
  }
  NACRE_TRY(const ImageSet validation, LoadLabelled(config.validation, config, classes));
  NACRE_TRY(const Accuracy accuracy, EvaluateCompiled(*compiler, network, {Precision::kFp32, cores, kDynamic},
                                                      validation));
  Int8Settings settings{.compiler = compiler.get(), .calibration = &calibration, .validation = &validation,
                        .reference = accuracy.value};
  settings.acceptable_loss = config.max_drop * accuracy.value;
  settings.weight_bits = SafeWeightBits(machine);
  settings.workers = cores;
  settings.timed = {config.target.precision, config.target.threads, config.target.batch};
  settings.limits = LimitsFor(config.target);
  settings.seed = config.seed;
  return MakeInt8(network, settings);
}

Expected<void> QuantizeFile(const std::string& model, const std::string& output,
                            const SettingFlags& flags, bool json) {
  NACRE_TRY(RunConfig config, ConfigFrom(model, flags));
  NACRE_TRY(const Network network, ReadOnnx(config.model));
  std::filesystem::path folder = config.train;
  if (!flags.data.empty() && !std::filesystem::is_directory(folder)) folder = flags.data;
  if (folder.empty()) return Fail(ErrorKind::kUsage, "no calibration images: give --data or --train");
  NACRE_TRY(const int64_t classes, FitToPreprocess(network, config.preprocess));
  LoadReport report;
  NACRE_TRY(const ImageSet images, LoadImageFolder(folder, {.preprocess = config.preprocess}, &report));
  NACRE_TRY(const Int8Result result, Quantized(network, Sample(images, 512, config.seed), config, classes));
  std::filesystem::path path = output;
  if (path.empty()) path = std::filesystem::path(config.model).replace_extension(".int8.onnx");
  NACRE_CHECK_OK(WriteOnnx(result.network, path));
  const auto bytes = std::filesystem::file_size(path);
  if (json) {
    nlohmann::json told{{"path", path.string()}, {"size_bytes", bytes}, {"kept_float", result.kept_float}};
    if (!config.validation.empty()) told["validation_accuracy"] = result.accuracy;
    fmt::print("{}\n", told.dump(2));
    return {};
  }
  fmt::print("{}: {:.1f} KiB\n", path.string(), static_cast<double>(bytes) / 1024);
  if (config.validation.empty()) {
    fmt::print("the loss was not checked; with --val FOLDER it is held within --max-drop\n");
  } else {
    fmt::print("{:.2f} % on the validation images, {} layers in float\n", 100 * result.accuracy, result.kept_float.size());
  }
  return {};
}

}  // namespace

void AddQuantize(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("quantize", "INT8 alone: a float ONNX in, a QDQ ONNX out");
  auto model = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  auto flags = std::make_shared<SettingFlags>();
  command->add_option("MODEL", *model, "an ONNX file")->required();
  command->add_option("-o,--output", *output, "default: MODEL with .int8.onnx");
  AddSettingFlags(*command, *flags, {"data.", "objective.max_drop", "search.seed"});
  command->callback([&line, model, output, flags] {
    line.chosen = [&line, model, output, flags] {
      return QuantizeFile(*model, *output, *flags, line.json);
    };
  });
}

}  // namespace nacre
