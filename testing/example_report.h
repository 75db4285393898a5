// A report with one good result, two trials and something hostile in every text.
#pragma once

#include "report/report.h"

namespace nacre {

inline ModelFigures ExampleFigures(double accuracy, double ms, int64_t bytes) {
  return {.accuracy = {accuracy, accuracy - 0.02, accuracy + 0.01, 1000},
          .latency = {ms, 0.9 * ms, 1.1 * ms, 1.2 * ms},
          .size_bytes = bytes,
          .macs = 41000000,
          .parameters = 270000,
          .memory_bytes = 2 * bytes};
}

inline FrontEntry ExampleEntry() {
  FrontEntry entry{.id = "abcd1234", .path = "models/1-abcd1234", .architecture = "b0:keep"};
  entry.int8 = ExampleFigures(0.893, 0.2, 900 * 1024);
  entry.fp32 = ExampleFigures(0.894, 0.4, 3000 * 1024);
  entry.speedup_over_int8 = {2.5, 2.4, 2.6};
  entry.speedup_over_fp32 = {5.0, 4.9, 5.1};
  entry.meets_limit = true;
  entry.blocks = {{"b0", "residual [1,16,32,32]", "b0:<keep>", 50, 25}};
  return entry;
}

inline Report ExampleReport() {
  Report report;
  report.title = "<model> & co";
  report.command = "nacre optimize m.onnx --out \"a b\"";
  report.config_toml = "# <toml>";
  report.environment_json = "{\"cpu\": \"<cpu>\"}";
  report.baseline_fp32 = ExampleFigures(0.9, 1.0, 4000 * 1024);
  report.baseline_int8 = ExampleFigures(0.898, 0.5, 1200 * 1024);
  report.front = {ExampleEntry()};
  report.trials = {{"t", 200, 0.85, 1, ""}, {"failed", 0, 0, 0, "compiler <crashed>"}};
  report.cost = {{"latency <table>", 30}, {"distill", 12}};
  report.notes = {"<script>alert(1)</script>"};
  return report;
}

}  // namespace nacre
