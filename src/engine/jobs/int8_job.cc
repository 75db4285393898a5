#include "engine/jobs/int8_job.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/shares.h"
#include "quantize/int8.h"
#include "target/remote.h"
#include "train/tune_int8.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

JobSpec SpecOf(const Int8Job& job, const char* kind) {
  return {.kind = kind,
          .parameters = Json{{"train", job.train},
                             {"validation", job.validation},
                             {"calibration", job.calibration},
                             {"weight_bits", job.weight_bits},
                             {"target", job.target.ToString()},
                             {"fingerprint", job.fingerprint},
                             {"seed", job.seed}}
                            .dump(),
          .inputs = {job.network},
          .limit = job.limit,
          .label = job.name};
}

// The data sets of a job, alive while it runs.
struct Sets {
  std::shared_ptr<const ImageSet> train, validation, calibration;
};

Expected<Sets> SetsOf(const Json& parameters, const Workplace& place) {
  Sets sets;
  NACRE_TRY(sets.train, place.materials.Images(parameters["train"]));
  NACRE_TRY(sets.validation, place.materials.Images(parameters["validation"]));
  NACRE_TRY(sets.calibration, place.materials.Images(parameters["calibration"]));
  return sets;
}

Expected<Int8Settings> SettingsOf(const Json& parameters, const Sets& sets,
                                  const Workplace& place) {
  NACRE_TRY(const Target target, Target::Parse(parameters["target"].get<std::string>()));
  Int8Settings settings{.compiler = &place.compiler,
                        .calibration = sets.calibration.get(),
                        .validation = sets.validation.get()};
  settings.weight_bits = parameters["weight_bits"];
  settings.workers = place.compute.threads;
  settings.timed = {target.precision, target.threads, target.batch};
  settings.limits = LimitsFor(target);
  settings.seed = parameters["seed"];
  settings.progress = [hooks = place.hooks](const std::string& doing) {
    hooks.Report(0, "INT8: " + doing);
  };
  settings.task = place.materials.task();
  return settings;
}

}  // namespace

JobSpec QuantizeSpec(const ArtifactHash& network, const std::string& calibration, int weight_bits) {
  return {.kind = "quantize",
          .parameters = Json{{"calibration", calibration}, {"weight_bits", weight_bits}}.dump(),
          .inputs = {network},
          .label = "INT8 of the original"};
}

JobSpec Int8Spec(const Int8Job& job) {
  JobSpec spec = SpecOf(job, "int8");
  Json parameters = Json::parse(spec.parameters);
  parameters["reference"] = job.reference;
  parameters["known"] = Json::object();
  for (const auto& [value, range] : job.known) {
    parameters["known"][value] = {range.low, range.high};
  }
  spec.parameters = parameters.dump();
  return spec;
}

Int8Figures ReadInt8(const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {result.artifacts.at(0), json["accuracy"], json["kept_float"].size(), json["tuned"]};
}

JobSpec Int8LossSpec(const Int8Job& job) {
  JobSpec spec = SpecOf(job, "int8-loss");
  spec.limit = Seconds(0);
  return spec;
}

double ReadInt8Loss(const JobResult& result) { return Json::parse(result.value)["loss"]; }

Expected<JobResult> RunQuantize(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto calibration, place.materials.Images(parameters["calibration"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  QuantizeOptions options;
  options.weight_bits = parameters["weight_bits"];
  options.threads = place.compute.threads;
  NACRE_TRY(const Network int8, Quantize(*network, place.compiler, *calibration, options));
  NACRE_TRY(const ArtifactHash hash, place.materials.PutNetwork(int8));
  return JobResult{.value = "{}", .artifacts = {hash}};
}

Expected<JobResult> RunInt8(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const Sets sets, SetsOf(parameters, place));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(Int8Settings settings, SettingsOf(parameters, sets, place));
  settings.reference = parameters["reference"];
  if (job.limit > Seconds(0)) {
    // Tuning takes the limit; a little more may go into layers that it did not help.
    const Seconds end =
        place.clock.Now() + shares::kGuardSlack * job.limit + Seconds(shares::kLeastTuning);
    settings.more_time = [&place, end] { return place.clock.Now() < end; };
  }
  for (const auto& [value, range] : parameters["known"].items()) {
    settings.known[value] = {range[0], range[1]};
  }
  TuneOptions tune{.images = sets.train.get(), .weight_bits = settings.weight_bits};
  tune.form = settings.task->form();
  tune.compute = place.compute;
  tune.seconds = job.limit;
  tune.seed = settings.seed;
  tune.progress = [&](double share) {
    place.hooks.Report(share, fmt::format("finalist {}: trained for INT8", job.label));
    return !place.hooks.Cancelled();
  };
  if (settings.known.empty() && job.limit.count() >= shares::kLeastTuning) {
    settings.tune = [&](const Network& float_network) { return TuneForInt8(float_network, tune); };
  }
  NACRE_TRY(const Int8Result result, MakeInt8(*network, settings));
  NACRE_TRY(const ArtifactHash hash, place.materials.PutNetwork(result.network));
  return JobResult{.value = Json{{"accuracy", result.accuracy},
                                 {"kept_float", result.kept_float},
                                 {"tuned", result.tuned}}
                                .dump(),
                   .artifacts = {hash}};
}

Expected<JobResult> RunInt8Loss(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const Sets sets, SetsOf(parameters, place));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(Int8Settings settings, SettingsOf(parameters, sets, place));
  settings.acceptable_loss = 1;  // no layers back to float: the weights are to change
  NACRE_TRY(settings.reference, FloatAccuracy(*network, settings));
  NACRE_TRY(const Int8Result int8, MakeInt8(*network, settings));
  return JobResult{.value = Json{{"loss", settings.reference - int8.accuracy}}.dump()};
}

}  // namespace nacre
