#include "benchmark/scenario.h"

#include <fmt/format.h>
#include <loadgen.h>
#include <strings.h>
#include <test_settings.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "benchmark/system.h"
#include "benchmark/throughput.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

constexpr Scenario kScenarios[] = {Scenario::kSingleStream, Scenario::kMultiStream,
                                   Scenario::kServer, Scenario::kOffline};
constexpr size_t kImages = 256;
constexpr double kMlperfSeconds = 600;
constexpr double kServerShare = 0.7;  // of the streams' throughput: queues stay short below it

mlperf::TestScenario Theirs(Scenario scenario) {
  switch (scenario) {
    case Scenario::kSingleStream:
      return mlperf::TestScenario::SingleStream;
    case Scenario::kMultiStream:
      return mlperf::TestScenario::MultiStream;
    case Scenario::kServer:
      return mlperf::TestScenario::Server;
    case Scenario::kOffline:
      return mlperf::TestScenario::Offline;
  }
  return {};
}

// LoadGen's own settings file with what the options change. `rate`: samples per second that the
// streams stand to do.
mlperf::TestSettings Settings(const ScenarioOptions& options, double rate) {
  mlperf::TestSettings settings;
  settings.scenario = Theirs(options.scenario);
  settings.mode = mlperf::TestMode::PerformanceOnly;
  settings.FromConfig("", "*", ScenarioName(options.scenario),
                      0);  // 0: mlperf.conf as LoadGen carries it
  settings.min_duration_ms = static_cast<uint64_t>(1000 * options.duration.count());
  if (options.duration.count() < kMlperfSeconds) settings.min_query_count = 1;
  settings.single_stream_expected_latency_ns = 1e9 / rate;
  settings.multi_stream_expected_latency_ns =
      1e9 / rate * static_cast<double>(settings.multi_stream_samples_per_query);
  settings.offline_expected_qps = rate;
  settings.server_target_qps = rate;
  settings.server_target_latency_ns = static_cast<uint64_t>(1e3 * options.server_bound.count());
  return settings;
}

Expected<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    return Fail(
        ErrorKind::kUsage,
        fmt::format("LoadGen has written no {}: is the folder writable, the disk full?", path));
  return text.str();
}

}  // namespace

std::string ScenarioName(Scenario scenario) {
  switch (scenario) {
    case Scenario::kSingleStream:
      return "SingleStream";
    case Scenario::kMultiStream:
      return "MultiStream";
    case Scenario::kServer:
      return "Server";
    case Scenario::kOffline:
      return "Offline";
  }
  return {};
}

Expected<Scenario> ParseScenario(const std::string& text) {
  for (const Scenario scenario : kScenarios) {
    if (strcasecmp(text.c_str(), ScenarioName(scenario).c_str()) == 0) return scenario;
  }
  return Fail(
      ErrorKind::kUsage,
      fmt::format("no scenario '{}'; there are SingleStream, MultiStream, Server and Offline",
                  text));
}

Expected<ScenarioResult> ReadSummary(Scenario scenario, const std::string& summary) {
  const char* metrics[] = {"90.0th percentile latency (ns)", "99.0th percentile latency (ns)",
                           "Completed samples per second", "Samples per second"};
  ScenarioResult result{.metric = metrics[static_cast<int>(scenario)], .summary = summary};
  bool metric = false, verdict = false;
  std::istringstream lines(summary);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 1);
    if (line.starts_with(result.metric)) {
      result.value = std::strtod(value.c_str(), nullptr);
      metric = true;
    } else if (line.starts_with("Result is")) {
      result.valid =
          value.find("INVALID") == std::string::npos && value.find("VALID") != std::string::npos;
      verdict = true;
    }
  }
  if (!metric || !verdict) {
    return Fail(ErrorKind::kInternal,
                fmt::format("LoadGen's summary of the {} scenario states no '{}' or no verdict",
                            ScenarioName(scenario), result.metric));
  }
  return result;
}

Expected<ScenarioResult> RunScenario(Compiler& compiler, const Network& network,
                                     const ScenarioOptions& given) {
  ScenarioOptions options = given;
  if (options.scenario == Scenario::kSingleStream) options.compile.batch = options.streams = 1;
  std::error_code failed;
  std::filesystem::create_directories(options.logs, failed);
  if (failed)
    return Fail(ErrorKind::kUsage,
                fmt::format("cannot make the folder {}: {}", options.logs, failed.message()));
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  NACRE_TRY(auto networks, CompileStreams(compiler, network, options.compile, options.streams));
  const double able = ImagesPerSecond(networks, options.compile.batch, Seconds(1));
  const bool server = options.scenario == Scenario::kServer;
  const double rate = !server                   ? able
                      : options.server_rate > 0 ? options.server_rate
                                                : kServerShare * able;

  RandomImages images(shapes.at(network.inputs.at(0).name).shape, kImages);
  const bool queued = server || options.scenario == Scenario::kOffline || options.streams > 1;
  Streams streams(std::move(networks), images, options.compile.batch, queued);
  mlperf::LogSettings logs;
  logs.log_output.outdir = options.logs;
  logs.enable_trace = false;
  mlperf::StartTest(&streams, &images, Settings(options, rate), logs,
                    options.logs + "/audit.config");
  if (const std::string failure = streams.Failure(); !failure.empty())
    return Fail(ErrorKind::kTarget, failure);
  NACRE_TRY(const std::string summary, ReadFile(options.logs + "/mlperf_log_summary.txt"));
  NACRE_TRY(ScenarioResult result, ReadSummary(options.scenario, summary));
  result.mlperf_length = options.duration.count() >= kMlperfSeconds;
  result.rate = server ? rate : 0;
  return result;
}

}  // namespace nacre
