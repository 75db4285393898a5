// The parent's side of MeasureInChild.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/log.h"
#include "base/subprocess.h"
#include "onnx/onnx.h"
#include "target/measure.h"
#include "target/wire.h"

namespace nacre {

using namespace target_internal;

namespace {

// A guess, from 6.6 seconds for 2,000 convolutions on a busy machine.
constexpr size_t kMostQuickNodes = 1500;

using Outcome = Expected<ChildMeasurement>;
using Batch = std::vector<size_t>;  // indices of jobs

std::string JobFrame(const MeasureJob& job) {
  return FrameWriter()
      .Put(static_cast<int>(job.options.precision))
      .Put(job.options.threads)
      .Put(job.options.batch)
      .Put(SerializeOnnx(job.network))
      .TakeFrame();
}

std::string HeadFrame(const MeasureOptions& options, size_t jobs) {
  return FrameWriter()
      .Put(options.warm_up.count())
      .Put(options.rounds)
      .Put(options.slice.count())
      .Put(options.threads)
      .Put(static_cast<uint64_t>(jobs))
      .Frame();
}

// What a child reported before it ended. Places are places in the batch.
struct ChildReport {
  std::vector<std::optional<Outcome>> outcomes;  // by place
  std::optional<size_t> last;                    // place of the last job that it worked on
};

ChildMeasurement ReadMeasurement(FrameReader& frame) {
  ChildMeasurement result;
  Measurement& m = result.measurement;
  for (Latency* latency : {&m.median, &m.p90, &m.low, &m.high}) {
    *latency = Latency(frame.Get<double>());
  }
  m.samples = frame.Get<int64_t>();
  Ratio& ratio = result.over_first;
  for (double* number : {&ratio.median, &ratio.low, &ratio.high}) *number = frame.Get<double>();
  return result;
}

// Throws std::out_of_range when a frame is shorter than its kind demands.
ChildReport ReadReplies(const std::string& output, size_t jobs) {
  ChildReport report;
  report.outcomes.resize(jobs);
  FrameReader stream(output);
  while (const auto bytes = stream.NextFrame()) {
    FrameReader frame(*bytes);
    const auto reply = static_cast<Reply>(frame.Get<uint8_t>());
    const size_t place = frame.Get<uint64_t>();
    if (place >= jobs) continue;
    if (reply == Reply::kWorkingOn) report.last = place;
    if (reply == Reply::kMeasured) report.outcomes[place] = ReadMeasurement(frame);
    if (reply == Reply::kFailed) {
      const auto kind = static_cast<ErrorKind>(frame.Get<int>());
      report.outcomes[place] = Fail(kind, frame.GetText());
    }
  }
  return report;
}

// How the process ended, with the last line that it printed on standard error.
std::string DescribeEnd(const ProcessResult& process) {
  constexpr size_t kMostCharacters = 300;
  std::string text = process.Outcome();
  if (process.errors.empty()) return text;
  const size_t end = process.errors.find_last_not_of('\n');
  const size_t from = process.errors.find_last_of('\n', end);
  return text + ": " + process.errors.substr(from + 1, std::min(end - from, kMostCharacters));
}

// Starts children until every job has an outcome.
class MeasuringParent {
 public:
  MeasuringParent(std::span<const MeasureJob> jobs, const MeasureOptions& options,
                  const ChildLimits& limits)
      : options_(options), limits_(limits), outcomes_(jobs.size()) {
    for (const MeasureJob& job : jobs) frames_.push_back(JobFrame(job));
  }

  std::vector<Outcome> Measure() {
    Batch all(frames_.size());
    std::iota(all.begin(), all.end(), size_t{0});
    waiting_.push_back(all);
    while (!waiting_.empty()) {
      const Batch batch = std::move(waiting_.front());
      waiting_.pop_front();
      if (!batch.empty()) MeasureBatch(batch);
    }
    return TakeOutcomes();
  }

 private:
  void MeasureBatch(const Batch& batch) {
    auto process = RunWithReconnects(ProcessFor(batch));
    if (!process) return FailAll(batch, process.error().message);
    ChildReport report;
    try {
      report = ReadReplies(process->output, batch.size());
    } catch (const std::out_of_range&) {
      return FailAll(batch, "the measuring child sent broken replies");
    }
    const Batch unanswered = KeepOutcomes(batch, report);
    if (unanswered.empty()) return;
    if (process->ok()) return FailAll(unanswered, "the measuring child gave no result");
    if (!report.last) {
      return FailAll(unanswered, "the measuring child " + DescribeEnd(*process));
    }
    TryAgain(unanswered, batch[*report.last], *process);
  }

  // Returns the jobs of the batch that have no outcome.
  Batch KeepOutcomes(const Batch& batch, ChildReport& report) {
    Batch unanswered;
    for (size_t place = 0; place < batch.size(); ++place) {
      if (report.outcomes[place])
        SetOutcome(batch[place], std::move(*report.outcomes[place]));
      else
        unanswered.push_back(batch[place]);
    }
    return unanswered;
  }

  // Runs the process, and again after a pause as long as ssh reports that the link is lost.
  Expected<ProcessResult> RunWithReconnects(const ProcessOptions& options) const {
    constexpr int kLostLink = 255;
    auto process = RunProcess(options);
    for (int attempt = 0;
         attempt < limits_.reconnects && process && process->exit_code == kLostLink; ++attempt) {
      Warn(fmt::format("the link to the target is lost ({}); trying again", DescribeEnd(*process)));
      std::this_thread::sleep_for(Seconds(1 << attempt));
      process = RunProcess(options);
    }
    if (process && limits_.reconnects > 0 && process->exit_code == kAgentOutOfMemory)
      process->out_of_memory = true;
    return process;
  }

  // All jobs of a batch share the memory, so the batch is halved until one job alone exceeds the
  // limit. Any other death is the fault of the last job.
  void TryAgain(const Batch& unanswered, size_t culprit, const ProcessResult& process) {
    const size_t alone = unanswered[0] == 0 ? 2 : 1;  // job 0 is the reference of all
    if (process.out_of_memory && unanswered.size() > alone) return Halve(unanswered);
    Batch others;
    std::copy_if(unanswered.begin(), unanswered.end(), std::back_inserter(others),
                 [&](size_t job) { return job != culprit; });
    SetOutcome(culprit, Fail(ErrorKind::kTarget,
                             "measuring this network: the child " + DescribeEnd(process)));
    waiting_.push_back(std::move(others));
  }

  // Both halves keep job 0, to be compared with it.
  void Halve(const Batch& batch) {
    const bool has_first = batch[0] == 0;
    const auto middle = batch.begin() + (batch.size() + has_first) / 2;
    Batch front(batch.begin(), middle), back(middle, batch.end());
    if (has_first) back.insert(back.begin(), 0);
    waiting_.push_back(std::move(front));
    waiting_.push_back(std::move(back));
  }

  ProcessOptions ProcessFor(const Batch& batch) const {
    ProcessOptions process;
    process.arguments = {limits_.program};
    process.arguments.insert(process.arguments.end(), limits_.arguments.begin(),
                             limits_.arguments.end());
    process.input = HeadFrame(options_, batch.size());
    for (const size_t job : batch) process.input += frames_[job];
    const Seconds measuring =
        static_cast<double>(batch.size()) * (options_.warm_up + options_.rounds * options_.slice);
    process.timeout = limits_.timeout + 5 * measuring;  // a slice lasts up to 5 times its length
    process.most_memory = limits_.memory;
    return process;
  }

  // Job 0 is in several batches: its first outcome counts.
  void SetOutcome(size_t job, Outcome outcome) {
    if (!outcomes_[job]) outcomes_[job] = std::move(outcome);
  }

  void FailAll(const Batch& jobs, const std::string& why) {
    for (const size_t job : jobs) SetOutcome(job, Fail(ErrorKind::kTarget, why));
  }

  std::vector<Outcome> TakeOutcomes() {
    std::vector<Outcome> result;
    for (auto& outcome : outcomes_) result.push_back(std::move(*outcome));
    if (result.empty() || result[0]) return result;
    // A batch that lost job 0 was compared with whatever came first instead.
    for (Outcome& outcome : result) {
      if (outcome) outcome->over_first = Ratio{};
    }
    return result;
  }

  const MeasureOptions& options_;
  const ChildLimits& limits_;
  std::vector<std::string> frames_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::deque<Batch> waiting_;
};

}  // namespace

std::optional<Error> WhyTooLongToCompile(const Network& network) {
  if (network.nodes.size() <= kMostQuickNodes) return {};
  return Error{ErrorKind::kTarget,
               fmt::format("it has {} nodes, and compiling more than {} can take minutes",
                           network.nodes.size(), kMostQuickNodes)};
}

std::vector<Outcome> MeasureInChild(std::span<const MeasureJob> jobs, const MeasureOptions& options,
                                    const ChildLimits& limits) {
  return MeasuringParent(jobs, options, limits).Measure();
}

}  // namespace nacre
