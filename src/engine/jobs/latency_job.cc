#include "engine/jobs/latency_job.h"

#include <nlohmann/json.hpp>

#include "cost/objective.h"
#include "graph/simplify.h"
#include "target/remote.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

constexpr const char* kForms[] = {"as is", "folded", "deployed"};

TimedForm FormNamed(const std::string& name) {
  for (const TimedForm form : {TimedForm::kAsIs, TimedForm::kFolded}) {
    if (name == kForms[static_cast<int>(form)]) return form;
  }
  return TimedForm::kDeployed;
}

JobSpec SpecOf(const LatencyJob& job, const char* kind) {
  JobSpec spec{.kind = kind};
  Json networks = Json::array();
  for (const LatencyJob::Entry& entry : job.networks) {
    spec.inputs.push_back(entry.network);
    networks.push_back({{"form", kForms[static_cast<int>(entry.form)]},
                        {"precision", static_cast<int>(entry.precision)}});
  }
  spec.parameters = Json{{"networks", networks},
                         {"target", job.target.ToString()},
                         {"fingerprint", job.fingerprint},
                         {"rounds", job.rounds},
                         {"slice", job.slice.count()}}
                        .dump();
  return spec;
}

Expected<MeasureJob> JobFor(const Json& entry, const ArtifactHash& hash, const Target& target,
                            const Workplace& place) {
  NACRE_TRY(const auto network, place.materials.GetNetwork(hash));
  const CompileOptions options{entry["precision"].get<Precision>(), target.threads, target.batch};
  switch (FormNamed(entry["form"])) {
    case TimedForm::kAsIs:
      return MeasureJob{*network, options};
    case TimedForm::kFolded:
      return MeasureJob{FoldBatchNorm(*network), options};
    case TimedForm::kDeployed:
      break;
  }
  return MeasureJob{AsDeployed(*network, target), options};
}

}  // namespace

JobSpec LatencySpec(const LatencyJob& job) {
  JobSpec spec = SpecOf(job, "latency");
  spec.label = "latency of the original";
  return spec;
}

JobSpec MeasureSpec(const LatencyJob& job) {
  JobSpec spec = SpecOf(job, "measure");
  spec.survives = true;
  spec.label = "latency of a candidate network";
  return spec;
}

std::vector<NetworkLatency> ReadLatencies(const JobResult& result) {
  std::vector<NetworkLatency> latencies;
  for (const Json& entry : Json::parse(result.value)) {
    latencies.push_back({Latency(entry["median_us"].get<double>()), entry["over_first"]});
  }
  return latencies;
}

Expected<JobResult> RunLatency(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const Target target, Target::Parse(parameters["target"].get<std::string>()));
  std::vector<MeasureJob> jobs;
  for (size_t i = 0; i < job.inputs.size(); ++i) {
    NACRE_TRY(MeasureJob each, JobFor(parameters["networks"][i], job.inputs[i], target, place));
    jobs.push_back(std::move(each));
  }
  const MeasureOptions options{.rounds = parameters["rounds"],
                               .slice = Seconds(parameters["slice"].get<double>())};
  Json value = Json::array();
  for (const auto& result : MeasureInChild(jobs, options, LimitsFor(target))) {
    if (!result) return tl::unexpected<Error>(result.error());
    value.push_back({{"median_us", result->measurement.median.count()},
                     {"over_first", result->over_first.median}});
  }
  return JobResult{.value = value.dump()};
}

}  // namespace nacre
