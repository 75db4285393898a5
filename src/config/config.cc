#include "config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/setting.h"
#include "data/class_list.h"

namespace nacre {

using namespace config_internal;

namespace {

std::vector<Setting> TargetSettings() {
  return {
      WordSetting("target.device", "", "device", {"cpu"},
                  [](RunConfig& c) -> Text& { return c.target.device; }),
      {"target.precision", "", "int8 | bf16 | fp32",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         NACRE_TRY(const Target parsed, Target::Parse("cpu:" + text));
         c.target.precision = parsed.precision;
         return {};
       },
       [](const RunConfig& c) {
         const char* names[] = {"int8", "bf16", "fp32"};
         return fmt::format("\"{}\"", names[static_cast<int>(c.target.precision)]);
       }},
      NumberSetting(
          "target.threads", "", "threads of one inference", {1, 1024, true},
          [](RunConfig& c, double v) { c.target.threads = static_cast<int>(v); },
          [](const RunConfig& c) { return fmt::format("{}", c.target.threads); }),
      NumberSetting(
          "target.batch", "", "images of one inference", {1, 4096, true},
          [](RunConfig& c, double v) { c.target.batch = static_cast<int64_t>(v); },
          [](const RunConfig& c) { return fmt::format("{}", c.target.batch); }),
  };
}

Setting MaxDropSetting() {
  return {"objective.max_drop", "--max-drop",
          "largest loss of accuracy of the quantized result: relative to the original's (1%), or "
          "in points (0.5pt)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            const auto drop = ParseMaxDrop(text);
            if (!drop) {
              return Bad("objective.max_drop", text,
                         "a number from 0 to 0.5, as 1%, 0.01 or 0.5pt");
            }
            c.max_drop = *drop;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", ToString(c.max_drop)); }};
}

Setting VerdictSetting() {
  return {"objective.accept", "--accept",
          "what counts as within the limit: the accuracy on the test images, or only a loss whose "
          "95 % bound is within it (point | certified)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            if (text != "point" && text != "certified") {
              return Bad("objective.accept", text, "one of point, certified");
            }
            c.verdict = text == "point" ? Verdict::kPoint : Verdict::kCertified;
            return {};
          },
          [](const RunConfig& c) {
            return Text(c.verdict == Verdict::kPoint ? "\"point\"" : "\"certified\"");
          }};
}

std::vector<Setting> ObjectiveSettings() {
  return {
      {"objective.minimize", "--objective",
       "latency of one inference; throughput: images a second at the target's threads and batch; "
       "size of the file; or memory of weights and activations (latency | throughput | size | "
       "memory)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto objective = ParseObjective(text);
         if (!objective) {
           return Bad("objective.minimize", text, "one of latency, throughput, size, memory");
         }
         c.objective = *objective;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", Name(c.objective)); }},
      NumberSetting(
          "objective.max_latency", "--max-latency", "milliseconds that one batch may take",
          {0, 1e6, false}, [](RunConfig& c, double v) { c.bounds.latency = 1e3 * v; },
          [](const RunConfig& c) {
            return c.bounds.latency > 0 ? fmt::format("{}", c.bounds.latency / 1e3) : Text();
          }),
      NumberSetting(
          "objective.min_throughput", "--min-throughput", "images a second, at least",
          {0, 1e9, false}, [](RunConfig& c, double v) { c.bounds.throughput = v; },
          [](const RunConfig& c) {
            return c.bounds.throughput > 0 ? fmt::format("{}", c.bounds.throughput) : Text();
          }),
      BytesSetting("objective.max_size", "--max-size",
                   "bytes that the ONNX file may have: 200KiB, 1.5MiB",
                   [](RunConfig& c) -> double& { return c.bounds.size; }),
      BytesSetting("objective.max_memory", "--max-memory",
                   "bytes that weights and activations may take: 200KiB, 1.5MiB",
                   [](RunConfig& c) -> double& { return c.bounds.memory; }),
      MaxDropSetting(),
      VerdictSetting(),
  };
}

std::vector<Setting> SearchSettings() {
  return {
      {"search.method", "--method", "how to search (autonac | bootstrap)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         c.method = text;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", c.method); }},
      PathSetting("search.supernet", "--supernet",
                  "run folder of the bootstrap method whose super-network is searched, for this "
                  "target, instead of training one; MODEL and settings default to that run's",
                  &RunConfig::supernet),
      WordSetting(
          "search.subnets", "--subnets",
          "how a super-network is searched: NSGA-II by accuracy and measured cost, the same "
          "by accuracy and multiply-accumulates, or at random",
          {"nsga2", "macs", "random"}, [](RunConfig& c) -> Text& { return c.subnet_search; }),
      {"search.budget", "--budget", "time to spend: 90s, 45m, 2h",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         NACRE_TRY(c.budget, ParseDuration(text));
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", PrintDuration(c.budget)); }},
      NumberSetting(
          "search.seed", "--seed", "of everything random", {0, 1e15, true},
          [](RunConfig& c, double v) { c.seed = static_cast<uint64_t>(v); },
          [](const RunConfig& c) { return fmt::format("{}", c.seed); }),
      NumberSetting(
          "search.workers", "--workers", "training threads; 0: all cores", {0, 1024, true},
          [](RunConfig& c, double v) { c.workers = static_cast<int>(v); },
          [](const RunConfig& c) { return fmt::format("{}", c.workers); }),
      PathSetting("output.run", "--out", "the run folder, new or empty", &RunConfig::run),
  };
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = [] {
    std::vector<Setting> all = DataSettings();
    for (auto& setting : DetectionSettingsList()) all.push_back(setting);
    for (auto& setting : PreprocessSettings()) all.push_back(setting);
    for (auto& setting : TargetSettings()) all.push_back(setting);
    for (auto& setting : ObjectiveSettings()) all.push_back(setting);
    for (auto& setting : SearchSettings()) all.push_back(setting);
    return all;
  }();
  return settings;
}

std::vector<std::filesystem::path*> PathsOf(RunConfig& config) {
  return {&config.model,    &config.train,   &config.validation,
          &config.test,     &config.classes, &config.detection.anchors,
          &config.supernet, &config.run};
}

Expected<LoadOptions> ImageOptions(const RunConfig& config) {
  LoadOptions options{.preprocess = config.preprocess,
                      .unlabelled = config.task == TaskKind::kAgreement,
                      .orientation = config.orientation,
                      .seed = config.seed,
                      .most_memory = {static_cast<int64_t>(config.image_memory)},
                      .hash = config.data_hash};
  if (config.classes.empty() || options.unlabelled) return options;
  NACRE_TRY(options.classes, ReadClassList(config.classes));
  options.classes_of = config.classes.string();
  return options;
}

std::string MetricName(const RunConfig& config) {
  return config.task == TaskKind::kDetection ? BoxMetricName(config.detection.Metric())
                                             : config.metric->name();
}

Expected<void> CheckTask(const RunConfig& config) {
  const bool detects = config.task == TaskKind::kDetection;
  if (!detects && config.detection.metric) {
    return Fail(
        ErrorKind::kUsage,
        fmt::format("--metric {} is of boxes: add --task detection, or give one of {}",
                    BoxMetricName(*config.detection.metric), fmt::join(MetricNames(), ", ")));
  }
  if (detects && config.metric != &TopOneMetric()) {
    return Fail(ErrorKind::kUsage, fmt::format("--metric {} is of classifiers: --task detection "
                                               "has map, map50, voc07 and voc10",
                                               config.metric->name()));
  }
  if (!detects && !config.detection.anchors.empty()) {
    return Fail(ErrorKind::kUsage, "--anchors goes with --task detection");
  }
  if (config.task == TaskKind::kAgreement && config.stated_accuracy) {
    return Fail(ErrorKind::kUsage,
                "an accuracy is stated (--accuracy), but --task agreement has no labels to check "
                "it by: leave one of them out");
  }
  return {};
}

Expected<void> CheckConfig(const RunConfig& config) {
  const auto missing = [](const char* what) {
    return Fail(ErrorKind::kUsage, fmt::format("no {} is given", what));
  };
  if (config.model.empty()) return missing("model (model.path, or MODEL on the command line)");
  if (config.train.empty()) return missing("training folder (data.train, --train or --data DIR)");
  if (config.test.empty()) return missing("test folder (data.test, --test or --data DIR)");
  if (config.run.empty()) return missing("run folder (output.run, or --out)");
  NACRE_CHECK_OK(CheckTask(config));
  if (config.task == TaskKind::kDetection && config.method == "bootstrap") {
    return Fail(ErrorKind::kUsage,
                "--method bootstrap is for classifiers so far: leave it out for --task detection");
  }
  if (!config.supernet.empty() && config.method != "bootstrap") {
    return Fail(ErrorKind::kUsage,
                "--supernet goes with --method bootstrap: leave one of them out or add the other");
  }
  const Preprocess& p = config.preprocess;
  const auto channels = static_cast<size_t>(p.channels());
  if ((!p.mean.empty() && p.mean.size() != channels) ||
      (!p.std.empty() && p.std.size() != channels)) {
    return Fail(ErrorKind::kUsage,
                fmt::format("data.preprocess.mean has {} and std {} entries, but color '{}' has {} "
                            "channels",
                            p.mean.size(), p.std.size(), ColorName(p.color), channels));
  }
  for (double value : p.std) {
    if (value == 0) return Fail(ErrorKind::kUsage, "data.preprocess.std holds a zero");
  }
  return {};
}

bool CompleteTarget(RunConfig& config, int cores) {
  constexpr int64_t kBatch = 64;
  Target& target = config.target;
  const bool chosen = target.threads > 1 || target.batch > 1;
  if (config.objective != Objective::kThroughput || chosen) return false;
  target.threads = cores;
  target.batch = kBatch;
  return true;
}

}  // namespace nacre
