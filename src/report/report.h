// What a run hands to people: front.json, front.csv and one offline HTML page.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace nacre {

struct LatencyInterval {
  double median_ms = 0, low_ms = 0, high_ms = 0, p90_ms = 0;
};

struct RatioInterval {
  double median = 0, low = 0, high = 0;  // 95 %
};

// One network, measured in one interleaved run with the others of the report.
struct ModelFigures {
  Accuracy accuracy;  // on the unseen test images
  LatencyInterval latency;
  int64_t size_bytes = 0, macs = 0, parameters = 0;
  int64_t memory_bytes = 0;  // of weights and the most activations alive at once
};

struct BlockRow {                      // one span of the original and what stands there now
  std::string blocks;                  // "b3-b4"
  std::string before, after;           // "2 residual blocks, 32 channels", "plain conv 48"
  double before_us = 0, after_us = 0;  // from the latency table
};

struct FrontEntry {
  std::string id, path;  // path: folder relative to the run folder
  std::string architecture;
  ModelFigures int8, fp32;
  RatioInterval speedup_over_int8, speedup_over_fp32;  // of the int8 result
  bool meets_limit = false;                            // of accuracy, and all bounds
  std::string broken;  // the bound that it breaks: "is 270.1 KiB large, more than 200.0 KiB"
  std::vector<BlockRow> blocks;
};

struct TrialDot {  // everything that was tried, for the plot
  std::string id;
  double latency_us = 0, accuracy = 0;  // on the validation set
  int rung = 0;
  std::string error;
};

struct StageCost {
  std::string stage;
  double seconds = 0;
};

struct Report {
  std::string title, command, config_toml, environment_json;
  std::string precision = "int8";     // of the target
  int64_t batch = 1;                  // of the target: images that one latency is for
  std::string objective = "latency";  // what was minimised
  double max_drop = 0.01;
  ModelFigures baseline_fp32, baseline_int8;
  std::vector<FrontEntry>
      front;  // best first: those that meet the limit, by the objective; then the rest
  std::vector<TrialDot> trials;
  std::vector<StageCost> cost;
  double baseline_training_seconds =
      0;                           // 200 epochs of the original at the speed measured; 0: unknown
  std::vector<std::string> notes;  // frozen parts, broken images, noise, what held the result back
};

// Keys of each entry: id, path, accuracy, accuracy_ci, latency_ms, images_per_second,
// speedup_over_int8, speedup_over_fp32, size_bytes, memory_bytes, meets_limit, broken, and more. An
// array, best first.
std::string FrontJson(const Report& report);
std::string FrontCsv(const Report& report);
// One file, no network access, light and dark: waterfall of the four stages, front plot, blocks
// before and after, cost of the search, environment, the command to repeat it. Everything from
// outside is escaped.
std::string ReportHtml(const Report& report);
// For the terminal: a dozen lines.
std::string ReportText(const Report& report);

// Everything, so that `nacre report RUN` can render again.
std::string ReportJson(const Report& report);
Report ReportFromJson(const std::string& json);  // throws std::logic_error when it is not one

}  // namespace nacre
