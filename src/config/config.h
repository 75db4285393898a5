// RunConfig: everything a run is told. One table of settings serves the TOML file, the command
// line, `--help` and the resolved configuration that is printed into the run folder.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "cost/objective.h"
#include "data/image_folder.h"
#include "data/orientation.h"
#include "target/target.h"
#include "task/detection_task.h"
#include "task/kind.h"
#include "task/max_drop.h"
#include "task/metric.h"

namespace nacre {

// When a result counts as within the limit: by the accuracy that it reaches on the test images, or
// only when the bound of its loss is within the limit, too.
enum class Verdict { kPoint, kCertified };

// In what ways training images are varied; none of them by default.
struct AugmentationKinds {
  bool flip = false, shift = false, crop = false, color = false, cutout = false;
  bool operator==(const AugmentationKinds&) const = default;
};

// Of the task detection. What is not set is found out.
struct DetectionSettings {
  std::optional<BoxMetric> metric;  // nothing: COCO's mAP
  std::filesystem::path anchors;    // that raw heads are decoded with
  std::optional<BoxOrder> order;
  std::optional<BoxUnit> unit;
  std::optional<int> first_class;

  BoxMetric Metric() const { return metric.value_or(BoxMetric::kMap); }
};

struct RunConfig {
  std::filesystem::path model;
  std::string output;  // the output that classifies; empty: the only one that can
  std::optional<double> stated_accuracy;  // fraction in [0, 1]
  TaskKind task = TaskKind::kClassification;
  const Metric* metric = &TopOneMetric();
  DetectionSettings detection;
  // ImageFolders, or annotations of objects; validation empty: half of test.
  std::filesystem::path train, validation, test;
  std::filesystem::path classes;  // a list that gives their order; empty: that of the folder names
  Preprocess preprocess;
  Orientation orientation = Orientation::kExif;   // of photographs that lie on a side
  std::optional<AugmentationKinds> augmentation;  // nothing: what usually helps
  double image_memory =
      0;  // bytes that decoded images of a folder may take; 0: a third of the free
  DataHash data_hash = DataHash::kList;
  Target target;
  Objective objective = Objective::kLatency;
  Bounds bounds;
  MaxDrop max_drop;
  Verdict verdict = Verdict::kPoint;
  std::string method = "autonac";
  std::filesystem::path supernet;  // run whose super-network is searched; empty: one is trained
  std::string subnet_search = "nsga2";
  Seconds budget{3600};
  uint64_t seed = 0;
  std::filesystem::path run;
  int workers = 0;  // training threads; 0: all cores
};

// All paths that a configuration holds.
std::vector<std::filesystem::path*> PathsOf(RunConfig& config);

struct Setting {
  std::string key;   // path in the TOML file, "search.budget"
  std::string flag;  // on the command line, "--budget"; empty: file only
  std::string help;  // one sentence with unit and range
  // From text, as the command line gives it; lists are comma-separated. Error (kUsage) says what is
  // allowed.
  std::function<Expected<void>(RunConfig&, const std::string&)> set;
  // As a TOML literal; empty when unset.
  std::function<std::string(const RunConfig&)> get;
};

const std::vector<Setting>& Settings();

// Reads a run file into `config`. Relative paths count from the file's folder. Unknown keys are
// errors that name the nearest known one. Errors are kUsage and name file and line where known.
Expected<void> ReadConfigFile(const std::filesystem::path& path, RunConfig& config);
Expected<void> ParseConfig(const std::string& toml, const std::string& name, RunConfig& config);

// All settings as a run file that reads back to the same configuration.
std::string PrintConfig(const RunConfig& config);

// How the folders of a run are read. The number of classes and of images are the caller's to add.
// Error (kData): the class list cannot be read.
Expected<LoadOptions> ImageOptions(const RunConfig& config);

// Of the metric that the task judges by, as in a run file.
std::string MetricName(const RunConfig& config);

// Task and metric go together. Error is kUsage.
Expected<void> CheckTask(const RunConfig& config);

// What must be given is given, and values go together. Error is kUsage.
Expected<void> CheckConfig(const RunConfig& config);

// Throughput means all cores and batches unless the target says otherwise. True when it has changed
// the target.
bool CompleteTarget(RunConfig& config, int cores);

// "45m", "2h", "1h30m", "90s"; a bare number is seconds.
Expected<Seconds> ParseDuration(const std::string& text);
std::string PrintDuration(Seconds duration);

// "200KiB", "1.5MiB", "64kB"; a bare number is bytes.
Expected<double> ParseBytes(const std::string& text);

}  // namespace nacre
