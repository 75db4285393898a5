#include "pipeline/accept.h"

#include <fmt/format.h>

#include <map>

#include "base/log.h"
#include "engine/jobs/accuracy_job.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "pipeline/block_rows.h"
#include "pipeline/certify.h"
#include "pipeline/load_images.h"
#include "pipeline/original_result.h"
#include "pipeline/show_boxes.h"
#include "pipeline/sort_front.h"
#include "pipeline/time_networks.h"
#include "store/cache.h"

namespace nacre {
namespace {

LatencyInterval IntervalOf(const Measurement& m) {
  return {Milliseconds(m.median), Milliseconds(m.low), Milliseconds(m.high), Milliseconds(m.p90)};
}

RatioInterval IntervalOf(const Ratio& r) { return {r.median, r.low, r.high}; }

// A network in both forms; the float one is batch-norm folded.
struct Pair {
  ArtifactHash int8, fp32;
};
struct Judgement {
  Accuracy accuracy;
  std::string record;
};
struct PairFigures {
  ModelFigures int8, fp32;
  std::string int8_record, fp32_record;  // of the answers, for comparisons
};

Expected<Judgement> Judge(RunServices& run, const ArtifactHash& network, const Images& test,
                          Precision precision) {
  NACRE_TRY(const JobResult done,
            run.jobs.Do(AcceptSpec(network, test->hash, precision, run.Fingerprint())));
  NACRE_TRY(std::string record, run.materials.Get(done.artifacts.at(0)));
  return Judgement{ReadAccuracy(done), std::move(record)};
}

// All but latencies. Quantized weights hide behind DequantizeLinear: the float network beside them
// gives parameters and memory of both.
Expected<PairFigures> FiguresOf(RunServices& run, const Ingested& in, const Pair& pair,
                                const Images& test) {
  PairFigures figures;
  for (const bool is_int8 : {true, false}) {
    ModelFigures& each = is_int8 ? figures.int8 : figures.fp32;
    const ArtifactHash& hash = is_int8 ? pair.int8 : pair.fp32;
    NACRE_TRY(const auto network, run.materials.GetNetwork(hash));
    NACRE_TRY(const Cost cost, CostOf(*network));
    each.macs = cost.macs;
    each.parameters = cost.parameters;
    each.size_bytes = SerializedSize(DropIn(in, *network));
    Target target = run.config.target;
    target.precision = is_int8 ? Precision::kInt8 : Precision::kFp32;
    NACRE_TRY(const Judgement judged, Judge(run, hash, test, target.precision));
    each.accuracy = judged.accuracy;
    (is_int8 ? figures.int8_record : figures.fp32_record) = judged.record;
    NACRE_TRY(const auto floats, run.materials.GetNetwork(pair.fp32));
    NACRE_TRY(const Usage usage, UsageOf(*floats, target));
    each.memory_bytes = static_cast<int64_t>(usage.memory);
  }
  figures.int8.parameters = figures.fp32.parameters;
  return figures;
}

void NoteStatedAccuracy(const RunConfig& config, Report& report) {
  if (!config.stated_accuracy) return;
  const Accuracy& measured = report.baseline_fp32.accuracy;
  const double stated = *config.stated_accuracy;
  if (stated >= measured.low && stated <= measured.high) return;
  report.notes.push_back(fmt::format(
      "the original reaches {:.2f} % on the test images (95 % interval {:.2f} to {:.2f}), stated "
      "are {:.2f} %",
      100 * measured.value, 100 * measured.low, 100 * measured.high, 100 * stated));
}

double LimitOf(const Report& report) {
  return report.max_drop.Limit(report.baseline_fp32.accuracy.value);
}

// How often results were judged on these images, this time included. A run that is resumed judges
// the same finalists again: that is the same look.
Expected<int64_t> LooksAt(RunServices& run, const Images& test,
                          const std::vector<QuantizedFinalist>& finalists) {
  std::string name = "look at " + test->hash;
  for (const QuantizedFinalist& each : finalists) name += " " + each.int8;
  NACRE_TRY(const auto before, run.jobs.Decided(name));
  if (before) return std::stoll(*before);
  const auto looks = CountLook(test->hash, run.store.folder().string());
  if (!looks) {
    Warn("looks at the test images are not counted: " + looks.error().message);
    return 0;
  }
  NACRE_CHECK_OK(run.jobs.Decide(name, std::to_string(*looks)));
  return *looks;
}

Report EmptyReport(const RunConfig& config) {
  Report report;
  report.max_drop = config.max_drop;
  const bool int8 = config.target.precision == Precision::kInt8;
  report.precision = int8 ? Precision::kInt8 : Precision::kFp32;
  report.batch = config.target.batch;
  report.objective = Name(config.objective);
  report.agreement = config.task == TaskKind::kAgreement;
  report.metric = MetricName(config);
  return report;
}

// One finalist as measured: `speeds` of its two networks.
FrontEntry EntryOf(const RunServices& run, const RatedSpace& rated, const Finalist& finalist,
                   const PairFigures& figures, const PairSpeeds& speeds) {
  FrontEntry entry{.id = finalist.id,
                   .architecture = finalist.description,
                   .role = finalist.role,
                   .int8 = figures.int8,
                   .fp32 = figures.fp32};
  const bool int8 = run.config.target.precision == Precision::kInt8;
  entry.speedup_over_int8 = IntervalOf(int8 ? speeds.int8_over_int8 : speeds.fp32_over_int8);
  entry.speedup_over_fp32 = IntervalOf(int8 ? speeds.int8_over_fp32 : speeds.fp32_over_fp32);
  const Usage usage = UsageIn(int8 ? entry.int8 : entry.fp32);
  entry.broken = BrokenBound(run.config.bounds, usage, run.config.target.batch);
  entry.blocks = BlockRows(rated.space, finalist);
  return entry;
}

// With the original among the results where nothing else keeps the limit.
void Rank(const RunConfig& config, FrontEntry original, Report& report) {
  Certify(config, report.front);
  SortFront(config, LimitOf(report), report.front);
  if (!report.front.empty() && report.front.front().meets_limit) return;
  report.front.push_back(std::move(original));
  Certify(config, report.front);
  SortFront(config, LimitOf(report), report.front);
  if (report.front.front().id != kOriginalId || !report.front.front().meets_limit) return;
  const std::string note = fmt::format(
      "no network that was trained keeps the limit: the best result is the original itself{}; a "
      "longer --budget may give a faster one",
      config.target.precision == Precision::kInt8 ? ", quantized" : "");
  Warn(note);
  report.notes.push_back(note);
}

}  // namespace

Expected<Report> Accept(RunServices& run, const AcceptInputs& inputs) {
  Report report = EmptyReport(run.config);
  NACRE_TRY(const Images test,
            LoadAccepting(run, NeedsOf(inputs.in), inputs.in.train, report.notes));
  std::vector<Pair> pairs = {{inputs.original.int8, inputs.original.finalist.network}};
  std::vector<NetworkPair> networks;
  for (const QuantizedFinalist& each : inputs.finalists) {
    pairs.push_back({each.int8, each.finalist.network});
  }
  for (const Pair& pair : pairs) {
    NACRE_TRY(const auto int8, run.materials.GetNetwork(pair.int8));
    NACRE_TRY(const auto fp32, run.materials.GetNetwork(pair.fp32));
    networks.push_back({std::make_shared<const Network>(DropIn(inputs.in, *int8)),
                        std::make_shared<const Network>(DropIn(inputs.in, *fp32))});
  }
  NACRE_TRY(const std::vector<PairSpeeds> speeds, TimeNetworks(run, networks));
  NACRE_TRY(report.looks, LooksAt(run, test, inputs.finalists));
  const bool int8 = run.config.target.precision == Precision::kInt8;
  std::string original_record;
  std::map<std::string, std::string> records;  // of what is served, by id
  FrontEntry original;
  for (size_t i = 0; i < pairs.size(); ++i) {
    NACRE_TRY(PairFigures figures, FiguresOf(run, inputs.in, pairs[i], test));
    figures.int8.latency = IntervalOf(speeds[i].int8);
    figures.fp32.latency = IntervalOf(speeds[i].fp32);
    run.progress.Update(static_cast<double>(i + 1) / static_cast<double>(pairs.size()),
                        "accepting");
    if (i == 0) {
      report.baseline_int8 = figures.int8;
      report.baseline_fp32 = figures.fp32;
      original_record = figures.fp32_record;
    }
    const Finalist& finalist = i == 0 ? inputs.original.finalist : inputs.finalists[i - 1].finalist;
    FrontEntry entry = EntryOf(run, inputs.rated, finalist, figures, speeds[i]);
    const std::string& record = int8 ? figures.int8_record : figures.fp32_record;
    entry.drop = run.materials.task()->Compare(original_record, record, *test, run.config.max_drop);
    records[entry.id] = record;
    if (i == 0) {
      original = std::move(entry);
    } else {
      report.front.push_back(std::move(entry));
    }
  }
  Rank(run.config, std::move(original), report);
  NoteStatedAccuracy(run.config, report);
  if (const auto boxes = run.materials.Boxes(test->hash))
    report.pictures = ShowBoxes(*boxes, original_record, records[report.front.front().id]);
  return report;
}

Expected<void> CheckMet(const RunServices& run, const Report& report) {
  if (!report.front.empty() && report.front.front().meets_limit) return {};
  return Fail(
      ErrorKind::kNothingMet,
      fmt::format("no network {} {:.2f} % on the test images{}; the front is in {}; a longer "
                  "--budget or a larger --max-drop may help",
                  run.config.verdict == Verdict::kCertified ? "is certified to keep" : "kept",
                  100 * LimitOf(report),
                  run.config.bounds.any() ? " and the bounds of [objective]" : "",
                  run.store.folder().string()));
}

}  // namespace nacre
