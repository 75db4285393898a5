#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/command.h"
#include "cli/quantize_inputs.h"
#include "forecast/priors.h"
#include "onnx/onnx.h"
#include "quantize/int8.h"
#include "quantize/quantize.h"
#include "target/remote.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

// After that no further layer goes back to float, besides the time for tuning. A guess: what a
// person waits for.
constexpr Seconds kMostGuarding{300};

// What the quantized network is made with. The calibration set is drawn from `images`, which the
// weights may also be tuned on.
struct Resources {
  const ImageSet& images;
  Seconds tune{0};  // 0: weights are not tuned
  Progress& progress;
};

TuneOptions MakeTuneOptions(const Resources& resources, const RunConfig& config, int weight_bits,
                            int cores, const AnswerForm& form) {
  TuneOptions options{.images = &resources.images,
                      .form = form,
                      .weight_bits = weight_bits,
                      .seconds = resources.tune,
                      .compute = {.threads = cores},
                      .seed = config.seed};
  options.progress = [&resources](double share) {
    resources.progress.Update(share, "training for INT8");
    return !InterruptRequested();
  };
  return options;
}

// With validation images the loss of accuracy is kept within max_drop, if need be by layers that
// stay in float; without them, nothing is checked.
Expected<Int8Result> QuantizeNetwork(const OpenedModel& model, const Resources& resources,
                                     const RunConfig& config) {
  const Network& network = model.core.network;
  const auto count = static_cast<int64_t>(priors::kCalibrationImages);
  const ImageSet calibration = Sample(resources.images, count, config.seed);
  NACRE_TRY(const MachineInfo machine, InspectTarget(config.target));
  const int cores = InspectMachine().cores;
  const auto compiler = MakeOpenVinoCompiler();
  if (config.validation.empty()) {
    QuantizeOptions options;
    options.weight_bits = SafeWeightBits(machine);
    NACRE_TRY(Network quantized, Quantize(network, *compiler, calibration, options));
    return Int8Result{.network = std::move(quantized)};
  }
  NACRE_TRY(const Judging judging, LoadJudging(model, *compiler, config));
  Int8Settings settings{
      .compiler = compiler.get(), .calibration = &calibration, .validation = judging.images.get()};
  settings.task = judging.task;
  settings.workers = cores;
  NACRE_TRY(settings.reference, FloatAccuracy(network, settings));
  settings.acceptable_loss = settings.reference - config.max_drop.Limit(settings.reference);
  settings.weight_bits = SafeWeightBits(machine);
  settings.timed = {config.target.precision, config.target.threads, config.target.batch};
  settings.limits = LimitsFor(config.target);
  settings.seed = config.seed;
  settings.progress = [&resources](const std::string& doing) {
    resources.progress.Update(0, doing);
  };
  const Seconds end = SteadyClock().Now() + resources.tune + kMostGuarding;
  settings.more_time = [end] { return SteadyClock().Now() < end; };
  if (resources.tune.count() > 0) {
    settings.tune = [&](const Network& float_network) {
      return TuneForInt8(float_network, MakeTuneOptions(resources, config, settings.weight_bits,
                                                        cores, judging.task->form()));
    };
  }
  return MakeInt8(network, settings);
}

struct QuantizeFlags {
  std::string model, output, tune;
  SettingFlags settings;
};

// 0 when it is not asked for.
Expected<Seconds> TuningTime(const QuantizeFlags& given, const RunConfig& config) {
  if (given.tune.empty()) return Seconds(0);
  if (!config.validation.empty()) return ParseDuration(given.tune);
  return Fail(ErrorKind::kUsage,
              "--tune needs --val FOLDER: tuned weights are used when they are nearer to the "
              "float network there");
}

std::string NameOf(const RunConfig& config) {
  return config.task == TaskKind::kAgreement ? "agreement" : MetricName(config);
}

std::string TitleOf(const RunConfig& config) {
  if (config.task == TaskKind::kDetection) return BoxMetricTitle(config.detection.Metric());
  return config.task == TaskKind::kAgreement ? "agreement with the original"
                                             : config.metric->title();
}

void PrintJson(const Int8Result& result, const std::filesystem::path& path, bool is_checked,
               const RunConfig& config) {
  nlohmann::json json{{"path", path.string()},
                      {"size_bytes", std::filesystem::file_size(path)},
                      {"kept_float", result.kept_float},
                      {"tuned", result.tuned}};
  if (is_checked) {
    json["metric"] = NameOf(config);
    json["validation_accuracy"] = result.accuracy;
  }
  fmt::print("{}\n", json.dump(2));
}

void PrintText(const Int8Result& result, const std::filesystem::path& path, bool is_checked,
               const RunConfig& config) {
  fmt::print("{}: {:.1f} KiB\n", path.string(),
             static_cast<double>(std::filesystem::file_size(path)) / 1024);
  if (is_checked) {
    fmt::print("{} {:.2f} % on the validation images, {} layers in float{}\n", TitleOf(config),
               100 * result.accuracy, result.kept_float.size(),
               result.tuned ? ", weights tuned" : "");
  } else {
    fmt::print(
        "the loss of accuracy was not checked; with --val FOLDER it is kept within --max-drop\n");
  }
}

Expected<void> QuantizeFile(const QuantizeFlags& given, bool json) {
  NACRE_TRY(RunConfig config, ConfigFrom(given.model, given.settings));
  NACRE_CHECK_OK(CheckTask(config));
  NACRE_TRY(OpenedModel model, OpenModel(config, !given.tune.empty()));
  const std::filesystem::path folder = CalibrationFolder(given.settings, config);
  if (folder.empty())
    return Fail(ErrorKind::kUsage, "no calibration images: give --data or --train");
  NACRE_TRY(const ImageSet images, LoadCalibrating(folder, config, model));
  const auto progress = json ? MakeSilentProgress() : MakeTerminalProgress(SteadyClock());
  Resources resources{.images = images, .progress = *progress};
  NACRE_TRY(resources.tune, TuningTime(given, config));
  progress->Stage("quantize");
  NACRE_TRY(const Int8Result result, QuantizeNetwork(model, resources, config));
  std::filesystem::path path = given.output;
  if (path.empty()) path = std::filesystem::path(config.model).replace_extension(".int8.onnx");
  NACRE_CHECK_OK(WriteOnnx(Embed(model.core, result.network), path));
  const bool is_checked = !config.validation.empty();
  if (json)
    PrintJson(result, path, is_checked, config);
  else
    PrintText(result, path, is_checked, config);
  return {};
}

}  // namespace

void AddQuantize(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "quantize", "only quantize: read a float ONNX file, write an INT8 one (QDQ)");
  auto flags = std::make_shared<QuantizeFlags>();
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("-o,--output", flags->output,
                      "file to write; default: MODEL with .int8.onnx");
  command->add_option("--tune", flags->tune,
                      "time for training the weights for INT8 (5m); they are used when nearer to "
                      "the float network; needs --val and training images");
  AddSettingFlags(*command, flags->settings, {"data.", "objective.max_drop", "search.seed"});
  command->callback(
      [&line, flags] { line.chosen = [&line, flags] { return QuantizeFile(*flags, line.json); }; });
}

}  // namespace nacre
