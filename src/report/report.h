// Report: the results of a run as people read them: front.json, front.csv, one offline HTML page
// and a table for the terminal. All functions are thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "target/target.h"
#include "task/max_drop.h"

namespace nacre {

// Of one inference of one batch. low to high: 95 % interval of the median.
struct LatencyInterval {
  double median_ms = 0, low_ms = 0, high_ms = 0, p90_ms = 0;
};

// low to high: 95 % interval of the median.
struct RatioInterval {
  double median = 0, low = 0, high = 0;
};

// One network, measured in one interleaved run with the others of the report.
struct ModelFigures {
  Accuracy accuracy;  // on the unseen test images
  LatencyInterval latency;
  int64_t size_bytes = 0, macs = 0, parameters = 0;
  int64_t memory_bytes = 0;  // of weights and the most activations alive at once
};

// One span of the original and what has replaced it.
struct BlockRow {
  std::string blocks;                  // "b3-b4"
  std::string before, after;           // "2 residual blocks, 32 channels", "plain conv 48"
  double before_us = 0, after_us = 0;  // latency of the span, from the latency table
};

// One network that the run offers, as a float and as a quantized file.
struct FrontEntry {
  std::string id;
  std::string path;  // of its folder, relative to the run folder
  std::string architecture;
  std::string role;  // what it was chosen for: "fastest", "most accurate", "knee"; or empty
  ModelFigures int8, fp32;
  // Original over this network; above 1: this one is faster. Of the network that the target runs.
  RatioInterval speedup_over_int8, speedup_over_fp32;
  // Loss of accuracy against the FP32 original on the same images, in the unit of the limit; of the
  // network that the target runs. Nothing in reports of older versions.
  std::optional<Drop> drop;
  // The loss is shown to be within the limit: its bound is, and so are those of all safer results.
  bool certified = false;
  // Within the limit by its accuracy, but the user wants certified results alone, and it is not.
  bool misses_certificate = false;
  bool meets_limit = false;  // the limit of accuracy, and all bounds
  std::string broken;        // the bound that it breaks: "is 270.1 KiB large, more than 200.0 KiB"
  // No other entry is better in both accuracy and cost: it is on the Pareto front.
  bool on_front = true;
  std::vector<BlockRow> blocks;
};

// One trial, for the plot.
struct TrialDot {
  std::string id;
  double latency_us = 0, accuracy = 0;  // on the validation images
  int rung = 0;
  std::string error;  // why the trial failed; then it is not plotted
};

struct StageCost {
  std::string stage;
  double seconds = 0;
};

// A box on a picture, in pixels of its file.
struct ShownBox {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  std::string label;
};

// A picture with what is in it, what the original finds and what the best result finds.
struct ShownPicture {
  std::string data;  // of its file, as a data: URL; empty: it is too large to be shown
  int64_t width = 0, height = 0;
  std::vector<ShownBox> truth, original, result;
};

struct Report {
  std::string title, command, config_toml, environment_json;
  Precision precision = Precision::kInt8;  // of the target; kInt8: it runs the quantized network
  int64_t batch = 1;                       // of the target: images in one inference
  std::string objective = "latency";       // the figure that was minimised
  std::string metric = "top1";             // task/metric.h
  bool agreement = false;  // without labels: accuracies are shares answered as the original does
  MaxDrop max_drop;        // the loss of accuracy that the user allows
  ModelFigures baseline_fp32, baseline_int8;
  // Best first: those that meet the limit, ordered by the objective; then the rest.
  std::vector<FrontEntry> front;
  int64_t looks = 0;  // at this test set, by any run of this user; 0: not known
  std::vector<TrialDot> trials;
  std::vector<StageCost> cost;
  // Of 200 epochs of the original at the measured speed; 0: unknown.
  double baseline_training_seconds = 0;
  std::vector<ShownPicture> pictures;  // of a detector
  std::vector<std::string> notes;  // frozen parts, broken images, noise, what limited the result
};

// An array, best first. Keys of each entry: id, path, accuracy, accuracy_ci, latency_ms,
// images_per_second, speedup_over_int8, speedup_over_fp32, size_bytes, memory_bytes, meets_limit,
// broken, on_front, and more (docs/run-folder.md).
std::string FrontJson(const Report& report);
// One header line, one line for each entry; RFC 4180.
std::string FrontCsv(const Report& report);
// One file that needs no network access, for light and dark screens: waterfall of the four stages,
// plot of the front, blocks before and after, cost of the search, environment, the command to
// repeat it. All text from outside is escaped.
std::string ReportHtml(const Report& report);
// For the terminal: about a dozen lines, without a line end after the last.
std::string ReportText(const Report& report);

// Everything, so that `nacre report RUN` can render again.
std::string ReportJson(const Report& report);
// Fields that older versions did not write keep their defaults. Error (kInternal) says what is
// wrong with the text, on one line, without the name of its file.
Expected<Report> ReportFromJson(const std::string& json);

}  // namespace nacre
