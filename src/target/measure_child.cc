// The parent's side of MeasureInChild.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>

#include "base/log.h"
#include "base/subprocess.h"
#include "onnx/onnx.h"
#include "target/measure.h"
#include "target/wire.h"

namespace nacre {
namespace {

using Outcome = Expected<ChildMeasurement>;
using Batch = std::vector<size_t>;  // indices of jobs

std::string JobFrame(const MeasureJob& job) {
  return FrameWriter()
      .Put(static_cast<int>(job.options.precision))
      .Put(job.options.threads)
      .Put(job.options.batch)
      .Put(SerializeOnnx(job.network))
      .Frame();
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

// What a child said before it ended.
struct Said {
  std::vector<std::optional<Outcome>> outcomes;  // by place in the batch
  std::optional<size_t> at;                      // place of the last job it worked on
};

ChildMeasurement ReadMeasured(FrameReader& frame) {
  ChildMeasurement result;
  Measurement& m = result.measurement;
  for (Latency* latency : {&m.median, &m.p90, &m.low, &m.high})
    *latency = Latency(frame.Get<double>());
  m.samples = frame.Get<int64_t>();
  for (double* number :
       {&result.over_first.median, &result.over_first.low, &result.over_first.high})
    *number = frame.Get<double>();
  return result;
}

Said ReadReplies(const std::string& output, size_t jobs) {
  Said said;
  said.outcomes.resize(jobs);
  FrameReader stream(output);
  while (const auto bytes = stream.NextFrame()) {
    FrameReader frame(*bytes);
    const auto reply = static_cast<Reply>(frame.Get<uint8_t>());
    const size_t job = frame.Get<uint64_t>();
    if (job >= jobs) continue;
    if (reply == Reply::kAt) said.at = job;
    if (reply == Reply::kMeasured) said.outcomes[job] = ReadMeasured(frame);
    if (reply == Reply::kFailed) {
      const auto kind = static_cast<ErrorKind>(frame.Get<int>());
      said.outcomes[job] = Fail(kind, frame.GetText());
    }
  }
  return said;
}

class Parent {
 public:
  Parent(std::span<const MeasureJob> jobs, const MeasureOptions& options, const ChildLimits& limits)
      : options_(options), limits_(limits), outcomes_(jobs.size()) {
    for (const MeasureJob& job : jobs) frames_.push_back(JobFrame(job));
  }

  std::vector<Outcome> Measure() {
    Batch all(frames_.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    for (waiting_.push_back(all); !waiting_.empty();) {
      const Batch batch = std::move(waiting_.front());
      waiting_.pop_front();
      if (!batch.empty()) MeasureBatch(batch);
    }
    std::vector<Outcome> result;
    for (auto& outcome : outcomes_) result.push_back(std::move(*outcome));
    // A batch that lost job 0 compared with whatever came first instead.
    const bool no_first = !result.empty() && !result[0];
    for (Outcome& outcome : result) {
      if (no_first && outcome) outcome->over_first = Ratio{};
    }
    return result;
  }

 private:
  void MeasureBatch(const Batch& batch) {
    auto process = Connected(ProcessFor(batch));
    if (!process) return FailAll(batch, process.error().message);
    Said said;
    try {
      said = ReadReplies(process->output, batch.size());
    } catch (const std::out_of_range&) {
      return FailAll(batch, "the measuring child sent broken replies");
    }
    Batch unanswered;
    for (size_t place = 0; place < batch.size(); ++place) {
      if (said.outcomes[place])
        Settle(batch[place], std::move(*said.outcomes[place]));
      else
        unanswered.push_back(batch[place]);
    }
    if (unanswered.empty()) return;
    if (process->ok()) return FailAll(unanswered, "the measuring child gave no result");
    if (!said.at) return FailAll(unanswered, "the measuring child " + Why(*process));
    TryAgain(unanswered, batch[*said.at], *process);
  }

  // Runs it; again and again after a pause while ssh says that the link is lost.
  Expected<ProcessResult> Connected(const ProcessOptions& options) const {
    constexpr int kLostLink = 255;
    auto process = RunProcess(options);
    for (int attempt = 0;
         attempt < limits_.reconnects && process && process->exit_code == kLostLink; ++attempt) {
      Warn(fmt::format("the link to the target is lost ({}); trying again", Why(*process)));
      std::this_thread::sleep_for(Seconds(1 << attempt));
      process = RunProcess(options);
    }
    if (process && limits_.reconnects > 0 && process->exit_code == kAgentOutOfMemory)
      process->out_of_memory = true;
    return process;
  }

  // Memory is used up by all together: halves until one alone is too much. Any other death is the
  // last one's doing.
  void TryAgain(const Batch& unanswered, size_t culprit, const ProcessResult& process) {
    const bool has_first = unanswered[0] == 0;
    if (process.out_of_memory && unanswered.size() > (has_first ? 2u : 1u)) {
      const auto middle = unanswered.begin() + (unanswered.size() + has_first) / 2;
      Batch front(unanswered.begin(), middle), back(middle, unanswered.end());
      if (has_first) back.insert(back.begin(), 0);
      waiting_.push_back(std::move(front));
      waiting_.push_back(std::move(back));
      return;
    }
    Batch others;
    std::copy_if(unanswered.begin(), unanswered.end(), std::back_inserter(others),
                 [&](size_t job) { return job != culprit; });
    Settle(culprit, Fail(ErrorKind::kTarget, "measuring this network: the child " + Why(process)));
    waiting_.push_back(std::move(others));
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
    process.timeout = limits_.timeout + 5 * measuring;
    process.most_memory = limits_.memory;
    return process;
  }

  static std::string Why(const ProcessResult& process) {
    std::string why = process.Outcome();
    if (process.errors.empty()) return why;
    const size_t end = process.errors.find_last_not_of('\n');
    const size_t from = process.errors.find_last_of('\n', end);
    return why + ": " + process.errors.substr(from + 1, std::min<size_t>(end - from, 300));
  }

  void FailAll(const Batch& jobs, const std::string& why) {
    for (const size_t job : jobs) Settle(job, Fail(ErrorKind::kTarget, why));
  }

  void Settle(size_t job, Outcome outcome) {
    if (!outcomes_[job]) outcomes_[job] = std::move(outcome);
  }

  const MeasureOptions& options_;
  const ChildLimits& limits_;
  std::vector<std::string> frames_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::deque<Batch> waiting_;
};

}  // namespace

std::vector<Outcome> MeasureInChild(std::span<const MeasureJob> jobs, const MeasureOptions& options,
                                    const ChildLimits& limits) {
  return Parent(jobs, options, limits).Measure();
}

}  // namespace nacre
