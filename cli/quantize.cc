#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/command.h"
#include "data/image_folder.h"
#include "onnx/onnx.h"
#include "pipeline/fit_to_preprocess.h"
#include "quantize/int8.h"
#include "quantize/quantize.h"
#include "target/evaluate.h"
#include "target/remote.h"
#include "task/accuracy.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

Expected<ImageSet> LoadLabelled(const std::filesystem::path& folder, const RunConfig& config,
                                int64_t classes) {
  LoadReport report;
  return LoadImageFolder(folder, {.preprocess = config.preprocess, .expected_classes = classes},
                         &report);
}

// The images of the calibration set are taken from `images`, which it may also be tuned on.
struct Means {
  const ImageSet& images;
  Seconds tune{0};  // 0: not
  Progress& progress;
};

TuneOptions Tuning(const Means& means, const RunConfig& config, int weight_bits, int cores) {
  TuneOptions options{.images = &means.images,
                      .weight_bits = weight_bits,
                      .seconds = means.tune,
                      .compute = {.threads = cores},
                      .seed = config.seed};
  options.progress = [&means](double share) {
    means.progress.Update(share, "training for INT8");
    return !InterruptRequested();
  };
  return options;
}

// With validation images the loss is held within max_drop, at the price of layers in float;
// without, nothing is checked.
Expected<Int8Result> Quantized(const Network& network, const Means& means, const RunConfig& config,
                               int64_t classes) {
  const ImageSet calibration = Sample(means.images, 512, config.seed);
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
  NACRE_TRY(const Accuracy accuracy,
            EvaluateCompiled(*compiler, network, {Precision::kFp32, cores, kDynamic}, validation));
  Int8Settings settings{.compiler = compiler.get(),
                        .calibration = &calibration,
                        .validation = &validation,
                        .reference = accuracy.value};
  settings.acceptable_loss = config.max_drop * accuracy.value;
  settings.weight_bits = SafeWeightBits(machine);
  settings.workers = cores;
  settings.timed = {config.target.precision, config.target.threads, config.target.batch};
  settings.limits = LimitsFor(config.target);
  settings.seed = config.seed;
  if (means.tune.count() > 0) {
    settings.tune = [&](const Network& float_network) {
      return TuneForInt8(float_network, Tuning(means, config, settings.weight_bits, cores));
    };
  }
  return MakeInt8(network, settings);
}

struct QuantizeFlags {
  std::string model, output, tune;
  SettingFlags settings;
};

Expected<void> QuantizeFile(const QuantizeFlags& given, bool json) {
  const SettingFlags& flags = given.settings;
  NACRE_TRY(RunConfig config, ConfigFrom(given.model, flags));
  NACRE_TRY(const Network network, ReadOnnx(config.model));
  std::filesystem::path folder = config.train;
  if (!flags.data.empty() && !std::filesystem::is_directory(folder)) folder = flags.data;
  if (folder.empty())
    return Fail(ErrorKind::kUsage, "no calibration images: give --data or --train");
  NACRE_TRY(const int64_t classes, FitToPreprocess(network, config.preprocess));
  LoadReport report;
  NACRE_TRY(const ImageSet images,
            LoadImageFolder(folder, {.preprocess = config.preprocess}, &report));
  const Clock& clock = SteadyClock();
  const auto progress = json ? MakeSilentProgress() : MakeTerminalProgress(clock);
  Means means{.images = images, .progress = *progress};
  if (!given.tune.empty()) {
    if (config.validation.empty()) {
      return Fail(ErrorKind::kUsage,
                  "--tune needs --val FOLDER: tuned weights are taken when they are nearer to the "
                  "float network there");
    }
    NACRE_TRY(means.tune, ParseDuration(given.tune));
  }
  NACRE_TRY(const Int8Result result, Quantized(network, means, config, classes));
  std::filesystem::path path = given.output;
  if (path.empty()) path = std::filesystem::path(config.model).replace_extension(".int8.onnx");
  NACRE_CHECK_OK(WriteOnnx(result.network, path));
  const auto bytes = std::filesystem::file_size(path);
  if (json) {
    nlohmann::json told{{"path", path.string()},
                        {"size_bytes", bytes},
                        {"kept_float", result.kept_float},
                        {"tuned", result.tuned}};
    if (!config.validation.empty()) told["validation_accuracy"] = result.accuracy;
    fmt::print("{}\n", told.dump(2));
    return {};
  }
  fmt::print("{}: {:.1f} KiB\n", path.string(), static_cast<double>(bytes) / 1024);
  if (config.validation.empty()) {
    fmt::print("the loss was not checked; with --val FOLDER it is held within --max-drop\n");
  } else {
    fmt::print("{:.2f} % on the validation images, {} layers in float{}\n", 100 * result.accuracy,
               result.kept_float.size(), result.tuned ? ", weights tuned" : "");
  }
  return {};
}

}  // namespace

void AddQuantize(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("quantize", "INT8 alone: a float ONNX in, a QDQ ONNX out");
  auto flags = std::make_shared<QuantizeFlags>();
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("-o,--output", flags->output, "default: MODEL with .int8.onnx");
  command->add_option("--tune", flags->tune,
                      "train the weights for INT8 so long (5m); taken when nearer to the float "
                      "network; needs --val and train images");
  AddSettingFlags(*command, flags->settings, {"data.", "objective.max_drop", "search.seed"});
  command->callback(
      [&line, flags] { line.chosen = [&line, flags] { return QuantizeFile(*flags, line.json); }; });
}

}  // namespace nacre
