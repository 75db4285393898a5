#include "config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <sstream>

#include "data/class_list.h"

namespace nacre {
namespace {

using Text = std::string;

tl::unexpected<Error> Bad(const Text& key, const Text& text, const Text& allowed) {
  return Fail(ErrorKind::kUsage, fmt::format("{} = '{}': give {}", key, text, allowed));
}

Expected<double> Number(const Text& key, const Text& text, double low, double high) {
  Text digits = text;
  double scale = 1;
  if (!digits.empty() && digits.back() == '%') {
    digits.pop_back();
    scale = 0.01;
  }
  try {
    size_t used = 0;
    const double value = std::stod(digits, &used) * scale;
    if (used == digits.size() && value >= low && value <= high) return value;
  } catch (const std::exception&) {
  }
  return Bad(key, text, fmt::format("a number from {} to {}", low, high));
}

Expected<std::vector<double>> Numbers(const Text& key, const Text& text, double low, double high) {
  std::vector<double> values;
  std::stringstream parts(text);
  for (Text part; std::getline(parts, part, ',');) {
    NACRE_TRY(const double value, Number(key, part, low, high));
    values.push_back(value);
  }
  return values;
}

Setting PathSetting(Text key, Text flag, Text help, std::filesystem::path RunConfig::*field) {
  return {key, flag, help,
          [field](RunConfig& c, const Text& text) -> Expected<void> {
            c.*field = text;
            return {};
          },
          [field](const RunConfig& c) {
            return (c.*field).empty() ? Text() : fmt::format("\"{}\"", (c.*field).string());
          }};
}

Setting WordSetting(Text key, Text flag, Text help, std::vector<Text> words,
                    std::function<Text&(RunConfig&)> field) {
  return {
      key, flag, help + " (" + fmt::format("{}", fmt::join(words, " | ")) + ")",
      [=](RunConfig& c, const Text& text) -> Expected<void> {
        if (std::find(words.begin(), words.end(), text) == words.end()) {
          return Bad(key, text, fmt::format("one of {}", fmt::join(words, ", ")));
        }
        field(c) = text;
        return {};
      },
      [=](const RunConfig& c) { return fmt::format("\"{}\"", field(const_cast<RunConfig&>(c))); }};
}

// A number stored by `put` and read by `take`; whole numbers only when `whole`.
struct NumberRange {
  double low, high;
  bool whole;
};
Setting NumberSetting(Text key, Text flag, Text help, NumberRange range,
                      std::function<void(RunConfig&, double)> put,
                      std::function<Text(const RunConfig&)> take) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(const double value, Number(key, text, range.low, range.high));
            if (range.whole && value != std::floor(value)) return Bad(key, text, "a whole number");
            put(c, value);
            return {};
          },
          take};
}

// `of` is where in a configuration the number of bytes is; 0 means unset.
Setting BytesSetting(Text key, Text flag, Text help, std::function<double&(RunConfig&)> of) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(of(c), ParseBytes(text));
            return {};
          },
          [=](const RunConfig& c) {
            const double bytes = of(const_cast<RunConfig&>(c));
            return bytes > 0 ? fmt::format("\"{}\"", bytes) : Text();
          }};
}

Setting ListSetting(Text key, Text flag, Text help, std::vector<double> Preprocess::*field) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(c.preprocess.*field, Numbers(key, text, -1e6, 1e6));
            return {};
          },
          [=](const RunConfig& c) {
            return fmt::format("[{}]", fmt::join(c.preprocess.*field, ", "));
          }};
}

Setting OutputSetting() {
  return {"model.output", "--output", "the output that classifies; default: the only one that can",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            c.output = text;
            return {};
          },
          [](const RunConfig& c) {
            return c.output.empty() ? Text() : fmt::format("\"{}\"", c.output);
          }};
}

Setting TaskSetting() {
  return {"data.task", "--task",
          "the truth: the images' class folders (classification), or what the original answers, "
          "for images without labels (agreement)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            const auto task = ParseTask(text);
            if (!task) return Bad("data.task", text, "one of classification, agreement");
            c.task = *task;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", TaskName(c.task)); }};
}

Setting OrientationSetting() {
  return {"data.orientation", "--orientation",
          "photographs that lie on a side: turned upright (exif), or as they are stored (file)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            const auto orientation = ParseOrientation(text);
            if (!orientation) return Bad("data.orientation", text, "one of exif, file");
            c.orientation = *orientation;
            return {};
          },
          [](const RunConfig& c) { return fmt::format("\"{}\"", OrientationName(c.orientation)); }};
}

Setting DataHashSetting() {
  return {"data.hash", "--hash",
          "what tells images from others: names, sizes and times of the files (list), or their "
          "pixels, as after a copy (content)",
          [](RunConfig& c, const Text& text) -> Expected<void> {
            if (text != "list" && text != "content")
              return Bad("data.hash", text, "one of list, content");
            c.data_hash = text == "list" ? DataHash::kList : DataHash::kContent;
            return {};
          },
          [](const RunConfig& c) {
            return Text(c.data_hash == DataHash::kList ? "\"list\"" : "\"content\"");
          }};
}

std::vector<Setting> DataSettings() {
  return {
      PathSetting("model.path", "", "the trained network, ONNX", &RunConfig::model),
      OutputSetting(),
      NumberSetting(
          "model.accuracy", "--accuracy",
          "the stated top-1 accuracy in [0,1], reproduced before anything else", {0, 1, false},
          [](RunConfig& c, double v) { c.stated_accuracy = v; },
          [](const RunConfig& c) {
            return c.stated_accuracy ? fmt::format("{}", *c.stated_accuracy) : Text();
          }),
      PathSetting("data.train", "--train", "ImageFolder to train on", &RunConfig::train),
      PathSetting("data.val", "--val",
                  "ImageFolder to select by, unseen by the original; default: half of test",
                  &RunConfig::validation),
      PathSetting("data.test", "--test",
                  "ImageFolder read once, at acceptance; without val half of it", &RunConfig::test),
      PathSetting("data.classes", "--classes",
                  "file with a class name a line, in the order of the network's outputs; default: "
                  "the class folders in the order of text",
                  &RunConfig::classes),
      TaskSetting(),
      OrientationSetting(),
      BytesSetting("data.memory", "--data-memory",
                   "memory for the decoded images of a folder, 500MiB, 4GiB; default: a third of "
                   "what is free; images that it does not hold are decoded when they are needed",
                   [](RunConfig& c) -> double& { return c.image_memory; }),
      DataHashSetting(),
      {"data.preprocess.size", "--size", "height,width in pixels; default: the network's input",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         NACRE_TRY(const auto size, Numbers("data.preprocess.size", text, 1, 16384));
         if (size.size() != 2) return Bad("data.preprocess.size", text, "height,width");
         c.preprocess.height = static_cast<int64_t>(size[0]);
         c.preprocess.width = static_cast<int64_t>(size[1]);
         return {};
       },
       [](const RunConfig& c) {
         return c.preprocess.height == 0
                    ? Text()
                    : fmt::format("[{}, {}]", c.preprocess.height, c.preprocess.width);
       }},
      {"data.preprocess.color", "--color", "channel order (rgb | bgr | gray)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto color = ParseColor(text);
         if (!color) return Bad("data.preprocess.color", text, "one of rgb, bgr, gray");
         c.preprocess.color = *color;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", ColorName(c.preprocess.color)); }},
      {"data.preprocess.resize", "--resize", "how images reach the size (stretch | crop)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto resize = ParseResize(text);
         if (!resize) return Bad("data.preprocess.resize", text, "one of stretch, crop");
         c.preprocess.resize = *resize;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", ResizeName(c.preprocess.resize)); }},
      NumberSetting(
          "data.preprocess.scale", "--scale", "pixel / scale, then (x - mean) / std",
          {1e-6, 1e6, false}, [](RunConfig& c, double v) { c.preprocess.scale = v; },
          [](const RunConfig& c) { return fmt::format("{}", c.preprocess.scale); }),
      ListSetting("data.preprocess.mean", "--mean", "per channel, after scale", &Preprocess::mean),
      ListSetting("data.preprocess.std", "--std", "per channel, after scale", &Preprocess::std),
  };
}

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

std::vector<Setting> SearchSettings() {
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
      {"search.method", "--method", "how to search (autonac)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         c.method = text;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", c.method); }},
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
    for (auto& setting : TargetSettings()) all.push_back(setting);
    for (auto& setting : SearchSettings()) all.push_back(setting);
    return all;
  }();
  return settings;
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

Expected<void> CheckConfig(const RunConfig& config) {
  const auto missing = [](const char* what) {
    return Fail(ErrorKind::kUsage, fmt::format("no {} is given", what));
  };
  if (config.model.empty()) return missing("model (model.path, or MODEL on the command line)");
  if (config.train.empty()) return missing("training folder (data.train, --train or --data DIR)");
  if (config.test.empty()) return missing("test folder (data.test, --test or --data DIR)");
  if (config.run.empty()) return missing("run folder (output.run, or --out)");
  if (config.task == TaskKind::kAgreement && config.stated_accuracy) {
    return Fail(ErrorKind::kUsage,
                "an accuracy is stated (--accuracy), but --task agreement has no labels to check "
                "it by: leave one of them out");
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
