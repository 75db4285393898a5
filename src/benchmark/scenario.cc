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

using namespace benchmark_internal;

namespace {

constexpr Scenario kScenarios[] = {Scenario::kSingleStream, Scenario::kMultiStream,
                                   Scenario::kServer, Scenario::kOffline};
constexpr size_t kImages = 256;
constexpr double kMlperfSeconds = 600;
constexpr double kServerShare = 0.7;  // of the streams' throughput; below it queues stay short

mlperf::TestScenario ToLoadGen(Scenario scenario) {
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

// The settings that LoadGen carries, changed as the options say. `rate`: samples per second that
// the streams are expected to process, or that the Server scenario issues.
mlperf::TestSettings Settings(const ScenarioOptions& options, double rate) {
  mlperf::TestSettings settings;
  settings.scenario = ToLoadGen(options.scenario);
  settings.mode = mlperf::TestMode::PerformanceOnly;
  constexpr int kBuiltIn = 0;  // mlperf.conf as LoadGen carries it
  settings.FromConfig("", "*", ScenarioName(options.scenario), kBuiltIn);
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
        fmt::format("LoadGen has not written {}: is the folder writable, is the disk full?", path));
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
      fmt::format("unknown scenario '{}': there are SingleStream, MultiStream, Server and Offline",
                  text));
}

namespace {

// In the order of Scenario.
constexpr const char* kMetrics[] = {"90.0th percentile latency (ns)",
                                    "99.0th percentile latency (ns)",
                                    "Completed samples per second", "Samples per second"};

bool IsValidVerdict(const std::string& verdict) {
  return verdict.find("INVALID") == std::string::npos && verdict.find("VALID") != std::string::npos;
}

// Queries per second that the Server scenario issues; for the other scenarios the throughput.
double ChooseRate(const ScenarioOptions& options, double throughput) {
  if (options.scenario != Scenario::kServer) return throughput;
  return options.server_rate > 0 ? options.server_rate : kServerShare * throughput;
}

bool NeedsQueue(const ScenarioOptions& options) {
  return options.scenario == Scenario::kServer || options.scenario == Scenario::kOffline ||
         options.streams > 1;
}

Expected<void> CreateFolder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("cannot create the folder {}: {}", folder, failed.message()));
}

// Runs LoadGen's test on the streams; its result is in the log folder.
Expected<void> RunTest(const ScenarioOptions& options, Streams& streams, RandomImages& images,
                       double rate) {
  mlperf::LogSettings logs;
  logs.log_output.outdir = options.logs;
  logs.enable_trace = false;
  mlperf::StartTest(&streams, &images, Settings(options, rate), logs,
                    options.logs + "/audit.config");
  if (const std::string failure = streams.Failure(); !failure.empty())
    return Fail(ErrorKind::kTarget, failure);
  return {};
}

}  // namespace

Expected<ScenarioResult> ReadSummary(Scenario scenario, const std::string& summary) {
  ScenarioResult result{.metric = kMetrics[static_cast<int>(scenario)], .summary = summary};
  bool has_metric = false, has_verdict = false;
  std::istringstream lines(summary);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 1);
    if (line.starts_with(result.metric)) {
      result.value = std::strtod(value.c_str(), nullptr);
      has_metric = true;
    } else if (line.starts_with("Result is")) {
      result.valid = IsValidVerdict(value);
      has_verdict = true;
    }
  }
  if (has_metric && has_verdict) return result;
  return Fail(ErrorKind::kInternal,
              fmt::format("LoadGen's summary of the {} scenario has no '{}' or no verdict",
                          ScenarioName(scenario), result.metric));
}

Expected<ScenarioResult> RunScenario(Compiler& compiler, const Network& network,
                                     const ScenarioOptions& given) {
  ScenarioOptions options = given;
  if (options.scenario == Scenario::kSingleStream) {
    options.compile.batch = 1;
    options.streams = 1;
  }
  NACRE_CHECK_OK(CreateFolder(options.logs));
  NACRE_TRY(const auto shapes, InferShapes(network, 1));
  NACRE_TRY(auto networks, CompileStreams(compiler, network, options.compile, options.streams));
  const double throughput = ImagesPerSecond(networks, options.compile.batch, Seconds(1));
  const double rate = ChooseRate(options, throughput);

  RandomImages images(shapes.at(network.inputs.at(0).name).shape, kImages);
  Streams streams(std::move(networks), images, options.compile.batch, NeedsQueue(options));
  NACRE_CHECK_OK(RunTest(options, streams, images, rate));
  NACRE_TRY(const std::string summary, ReadFile(options.logs + "/mlperf_log_summary.txt"));
  NACRE_TRY(ScenarioResult result, ReadSummary(options.scenario, summary));
  result.mlperf_length = options.duration.count() >= kMlperfSeconds;
  if (options.scenario == Scenario::kServer) result.rate = rate;
  return result;
}

}  // namespace nacre
