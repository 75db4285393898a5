#include "engine/job_runner.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "store/run.h"

namespace nacre {
namespace {

constexpr char kDecision[] = "decision";

std::string DecisionKey(const std::string& name) {
  return Hasher().Add(kDecision).Add(name).Digest();
}

// Kinds of jobs whose results depend on the clock, and so differ from run to run.
bool IsMeasured(const std::string& kind) {
  static const std::set<std::string> kinds = {"int8", "latency", "measure", "speed", "table"};
  return kinds.count(kind) > 0;
}

Expected<JobResult> ResultOf(const Job& job) {
  if (job.error) return tl::unexpected<Error>(*job.error);
  return JobResult{job.result, job.artifacts};
}

}  // namespace

bool JobRunner::EndsRun(const Error& error) const {
  return error.kind == ErrorKind::kInterrupted || parts_.store->Failure().has_value();
}

Expected<void> JobRunner::CheckNotInterrupted() const {
  if (!parts_.interrupted || !parts_.interrupted()) return {};
  return Fail(ErrorKind::kInterrupted,
              "interrupted; go on with: nacre resume " + parts_.store->folder().string());
}

// An earlier failure counts as a result where the run survives it; else the job is done again.
Expected<JobRunner::Found> JobRunner::Find(const JobSpec& job) {
  NACRE_TRY(const auto kept, parts_.store->Find(KeyOf(job)));
  if (!kept || (kept->error && !job.survives)) return Recorded(job);
  return Found(ResultOf(*kept));
}

Expected<JobRunner::Found> JobRunner::Recorded(const JobSpec& job) {
  if (recording_ == nullptr || !IsMeasured(job.kind)) return Found();
  NACRE_TRY(const auto kept, recording_->Find(KeyOf(job)));
  if (!kept || kept->error) return Found();
  for (const ArtifactHash& artifact : kept->artifacts) {
    NACRE_TRY(const std::string bytes, recording_->GetArtifact(artifact));
    NACRE_CHECK_OK(parts_.store->PutArtifact(bytes));
  }
  const Expected<JobResult> result = ResultOf(*kept);
  NACRE_CHECK_OK(Keep(job, result, Seconds(kept->seconds)));
  return Found(result);
}

// The job, to be done as the recording's was.
Expected<JobSpec> JobRunner::AsRecorded(JobSpec job) const {
  if (recording_ == nullptr) return job;
  job.limit = Seconds(0);
  NACRE_TRY(const auto kept, recording_->Find(KeyOf(job)));
  if (kept && !kept->error) job.recorded = kept->result;
  return job;
}

Expected<void> JobRunner::Keep(const JobSpec& job, const Expected<JobResult>& result,
                               Seconds took) {
  if (!result && (!job.survives || EndsRun(result.error()))) return {};
  Job kept{.key = KeyOf(job), .kind = job.kind, .seconds = took.count()};
  if (result) {
    kept.result = result->value;
    kept.artifacts = result->artifacts;
  } else {
    kept.error = result.error();
  }
  NACRE_CHECK_OK(parts_.store->Put(kept));
  NACRE_CHECK_OK(parts_.store->SetNote("spent", fmt::format("{}", parts_.budget.Spent().count())));
  return parts_.store->LogEvent(nlohmann::json{
      {"event", "job"},
      {"kind", job.kind},
      {"key", kept.key},
      {"label", job.label},
      {"seconds", kept.seconds},
      {"error", kept.error ? kept.error->message
                           : ""}}.dump());
}

// What of a batch is known so far.
struct JobRunner::Batch {
  std::span<const JobSpec> jobs;
  std::vector<std::optional<Expected<JobResult>>> results;
  std::vector<JobSpec> missing;
  std::vector<size_t> places;  // of each missing job among the jobs
};

JobRunner::Batch JobRunner::LookUp(std::span<const JobSpec> jobs) {
  Batch batch{.jobs = jobs};
  for (const JobSpec& job : jobs) {
    const auto found = Find(job);
    if (found) {
      batch.results.push_back(*found);
    } else {
      batch.results.emplace_back(tl::unexpected<Error>(found.error()));
    }
    if (batch.results.back()) continue;
    auto missing = AsRecorded(job);
    if (!missing) {
      batch.results.back().emplace(tl::unexpected<Error>(missing.error()));
      continue;
    }
    batch.places.push_back(batch.results.size() - 1);
    batch.missing.push_back(std::move(*missing));
  }
  return batch;
}

Expected<void> JobRunner::Execute(Batch& batch, const std::function<void(size_t)>& ended) {
  size_t done = batch.jobs.size() - batch.missing.size();
  const auto keep = [&](size_t i, const Expected<JobResult>& result,
                        Seconds took) -> Expected<void> {
    const auto kept = Keep(batch.missing[i], result, took);
    NACRE_CHECK_OK(kept);
    batch.results[batch.places[i]] = result;
    if (ended) ended(++done);
    if (!result && !batch.missing[i].survives) return tl::unexpected<Error>(result.error());
    return CheckNotInterrupted();
  };
  NACRE_CHECK_OK(CheckNotInterrupted());
  return parts_.executor->Run(batch.missing, keep);
}

std::vector<Expected<JobResult>> JobRunner::Do(std::span<const JobSpec> jobs,
                                               const std::function<void(size_t)>& ended) {
  Batch batch = LookUp(jobs);
  Expected<void> executed;
  if (!batch.missing.empty()) executed = Execute(batch, ended);
  std::vector<Expected<JobResult>> results;
  for (auto& result : batch.results) {
    // What was not done was stopped by what ended the execution.
    if (!result) result.emplace(tl::unexpected<Error>(executed.error()));
    results.push_back(std::move(*result));
  }
  return results;
}

Expected<JobResult> JobRunner::Do(const JobSpec& job) { return Do(std::span(&job, 1)).front(); }

Expected<std::optional<std::string>> JobRunner::Decided(const std::string& name) {
  NACRE_TRY(const auto kept, parts_.store->Find(DecisionKey(name)));
  if (kept) return kept->result;
  if (recording_ == nullptr) return std::nullopt;
  NACRE_TRY(const auto recorded, recording_->Find(DecisionKey(name)));
  if (!recorded) return std::nullopt;
  NACRE_CHECK_OK(Decide(name, recorded->result));
  return recorded->result;
}

Expected<void> JobRunner::Decide(const std::string& name, const std::string& value) {
  return parts_.store->Put({.key = DecisionKey(name), .kind = kDecision, .result = value});
}

}  // namespace nacre
