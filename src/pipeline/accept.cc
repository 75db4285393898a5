// Step 9: acceptance on images that no stage has seen, latency interleaved with both baselines, and
// the results' files.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "pipeline/outputs.h"
#include "target/evaluate.h"
#include "target/remote.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

LatencyInterval IntervalOf(const Measurement& m) {
  return {Milliseconds(m.median), Milliseconds(m.low), Milliseconds(m.high), Milliseconds(m.p90)};
}

RatioInterval IntervalOf(const Ratio& r) { return {r.median, r.low, r.high}; }

// In this order: INT8 original, FP32 original, then INT8 and FP32 of every finalist.
std::vector<const Network*> AllNetworks(const Context& context, const Network& folded) {
  std::vector<const Network*> all = {&context.original_int8, &folded};
  for (const Finalist& finalist : context.finalists) {
    all.push_back(&finalist.int8);
    all.push_back(&finalist.network);
  }
  return all;
}

Usage UsageIn(const ModelFigures& figures) {
  return {1e3 * figures.latency.median_ms, static_cast<double>(figures.size_bytes),
          static_cast<double>(figures.memory_bytes)};
}

Precision PrecisionOf(size_t index) { return index % 2 == 0 ? Precision::kInt8 : Precision::kFp32; }

Expected<void> FillFigures(Context& context, const ImageSet& test, const Network& network,
                           Precision precision, ModelFigures& figures) {
  NACRE_TRY(const Cost cost, CostOf(network));
  figures.macs = cost.macs;
  figures.parameters = cost.parameters;
  figures.size_bytes = static_cast<int64_t>(SerializeOnnx(network).size());
  const std::string key = Hasher()
                              .Add("accept")
                              .Add(StructuralHash(network, true))
                              .Add(test.hash)
                              .Add(Fingerprint(context.machine, context.config.target))
                              .Digest();
  const auto job = Once(context, "accept", key, [&]() -> Expected<Job> {
    CompileOptions compile{precision, context.Workers(), kDynamic};
    NACRE_TRY(const Accuracy a, EvaluateCompiled(*context.compiler, network, compile, test));
    return Job{.result = nlohmann::json{a.value, a.low, a.high, a.images}.dump()};
  });
  if (!job) return tl::unexpected<Error>(job.error());
  const auto json = nlohmann::json::parse(job->result);
  figures.accuracy = {json[0], json[1], json[2], json[3]};
  return {};
}

// Quantized weights hide behind DequantizeLinear: the float network beside it tells.
Expected<void> FillFromFloat(const Context& context, const std::vector<const Network*>& networks,
                             std::vector<ModelFigures>& figures) {
  for (size_t i = 0; i < figures.size(); ++i) {
    Target target = context.config.target;
    target.precision = PrecisionOf(i);
    NACRE_TRY(const Usage usage, UsageOf(*networks[i | 1], target));
    figures[i].memory_bytes = static_cast<int64_t>(usage.memory);
    figures[i].parameters = figures[i | 1].parameters;
  }
  return {};
}

struct Timing {
  std::vector<ChildMeasurement> over_int8, over_fp32;
};

// All networks interleaved twice, once against each baseline. Never from the store: a report's
// figures are of one run.
Expected<Timing> TimeAll(Context& context, const std::vector<const Network*>& networks) {
  const auto run = [&](size_t first) -> Expected<std::vector<ChildMeasurement>> {
    std::vector<MeasureJob> jobs;
    std::vector<size_t> order = {first};
    for (size_t i = 0; i < networks.size(); ++i)
      if (i != first) order.push_back(i);
    for (size_t i : order) {
      CompileOptions options = context.TimedOptions();
      options.precision = PrecisionOf(i);
      jobs.push_back({*networks[i], options});
    }
    const auto results = MeasureInChild(jobs, {.rounds = 41}, LimitsFor(context.config.target));
    std::vector<ChildMeasurement> sorted(networks.size());
    for (size_t k = 0; k < order.size(); ++k) {
      if (!results[k]) return tl::unexpected<Error>(results[k].error());
      sorted[order[k]] = *results[k];
    }
    return sorted;
  };
  Timing timing;
  NACRE_TRY(timing.over_int8, run(0));
  NACRE_TRY(timing.over_fp32, run(1));
  return timing;
}

Expected<ImageSet> LoadTest(Context& context) {
  LoadOptions options{.preprocess = context.config.preprocess,
                      .expected_classes = static_cast<int64_t>(context.train.classes.size())};
  LoadReport report;
  NACRE_TRY(ImageSet test, LoadImageFolder(context.config.test, options, &report));
  if (test.classes != context.train.classes) {
    return Fail(ErrorKind::kData,
                fmt::format("the class folders of {} are not those of {}",
                            context.config.test.string(), context.config.train.string()));
  }
  if (!report.broken.empty()) {
    context.report.notes.push_back(
        fmt::format("{} unreadable test images left out", report.broken.size()));
  }
  return test;
}

// Best first. Of one architecture trained twice the latencies differ by noise alone: the more
// accurate comes first.
void SortFront(std::vector<FrontEntry>& front, double Usage::*figure, bool int8_target) {
  const auto served = [&](const FrontEntry& entry) -> const ModelFigures& {
    return int8_target ? entry.int8 : entry.fp32;
  };
  std::map<std::string, double> costs;  // by architecture
  for (const FrontEntry& entry : front) {
    const double cost = UsageIn(served(entry)).*figure;
    const auto [at, fresh] = costs.try_emplace(entry.architecture, cost);
    if (!fresh) at->second = std::min(at->second, cost);
  }
  std::sort(front.begin(), front.end(), [&](const FrontEntry& a, const FrontEntry& b) {
    if (a.meets_limit != b.meets_limit) return a.meets_limit;
    const double cost_a = costs.at(a.architecture), cost_b = costs.at(b.architecture);
    if (a.meets_limit && cost_a != cost_b) return cost_a < cost_b;
    return served(a).accuracy.value > served(b).accuracy.value;
  });
}

void CompareWithStated(Context& context) {
  const Accuracy& measured = context.report.baseline_fp32.accuracy;
  if (!context.config.stated_accuracy) return;
  const double stated = *context.config.stated_accuracy;
  if (stated >= measured.low && stated <= measured.high) return;
  context.report.notes.push_back(fmt::format(
      "the original reaches {:.2f} % on the test images (95 % interval {:.2f} to {:.2f}), stated "
      "are {:.2f} %",
      100 * measured.value, 100 * measured.low, 100 * measured.high, 100 * stated));
}

}  // namespace

Expected<void> Accept(Context& context) {
  NACRE_TRY(const ImageSet test, LoadTest(context));
  const Network folded = FoldBatchNorm(context.original);
  const auto networks = AllNetworks(context, folded);
  NACRE_TRY(const Timing timing, TimeAll(context, networks));
  std::vector<ModelFigures> figures(networks.size());
  for (size_t i = 0; i < networks.size(); ++i) {
    NACRE_CHECK_OK(FillFigures(context, test, *networks[i], PrecisionOf(i), figures[i]));
    figures[i].latency = IntervalOf(timing.over_int8[i].measurement);
    context.progress->Update(static_cast<double>(i + 1) / networks.size(), "accepting");
  }
  NACRE_CHECK_OK(FillFromFloat(context, networks, figures));
  Report& report = context.report;
  report.baseline_int8 = figures[0];
  report.baseline_fp32 = figures[1];
  report.max_drop = context.config.max_drop;
  report.precision = context.config.target.precision == Precision::kInt8 ? "int8" : "fp32";
  report.batch = context.config.target.batch;
  report.objective = context.config.objective;
  report.front.clear();
  const double limit = figures[1].accuracy.value * (1 - context.config.max_drop);
  const bool int8_target = context.config.target.precision == Precision::kInt8;
  for (size_t f = 0; f < context.finalists.size(); ++f) {
    const size_t at = 2 + 2 * f;
    FrontEntry entry{.id = context.finalists[f].id,
                     .architecture = context.finalists[f].description,
                     .int8 = figures[at],
                     .fp32 = figures[at + 1]};
    const size_t served = int8_target ? at : at + 1;
    entry.speedup_over_int8 = IntervalOf(timing.over_int8[served].over_first);
    entry.speedup_over_fp32 = IntervalOf(timing.over_fp32[served].over_first);
    entry.broken =
        Broken(context.config.bounds, UsageIn(figures[served]), context.config.target.batch);
    entry.meets_limit = figures[served].accuracy.value >= limit && entry.broken.empty();
    entry.blocks = BlockRows(context, context.finalists[f]);
    report.front.push_back(std::move(entry));
  }
  SortFront(report.front, context.Figure(), int8_target);
  CompareWithStated(context);
  NACRE_CHECK_OK(WriteOutputs(context));
  const bool met = !report.front.empty() && report.front.front().meets_limit;
  if (met) return {};
  return Fail(
      ErrorKind::kNothingMet,
      fmt::format("no network kept {:.2f} % on the test images{}; the front is in {}; a longer "
                  "--budget or a larger --max-drop may help",
                  100 * limit, context.config.bounds.any() ? " and the bounds of [objective]" : "",
                  context.run->folder().string()));
}

}  // namespace nacre
