// nacre target profile: measures the latency table of a target for a model's search space, for all
// later runs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/progress.h"
#include "cli/command.h"
#include "cost/profile.h"
#include "onnx/onnx.h"
#include "space/latencies.h"
#include "target/remote.h"

namespace nacre {
namespace {

struct ProfileOptions {
  std::string model, target = "cpu:int8,threads=1,batch=1";
  int check = 20, rounds = 31;
  uint64_t seed = 0;
  bool again = false;
};

nlohmann::json Describe(const TableCheck& check) {
  return {{"networks", check.networks},
          {"predicted", check.predicted},
          {"measured", check.measured},
          {"largest_error", check.largest_error},
          {"kendall_tau", check.tau},
          {"largest_difference_of_repeats", check.largest_repeat},
          {"kendall_tau_of_repeats", check.repeat_tau}};
}

Expected<void> Profile(const ProfileOptions& options, bool json) {
  NACRE_TRY(const Target target, Target::Parse(options.target));
  NACRE_TRY(const MachineInfo machine, InspectTarget(target));
  NACRE_CHECK_OK(CheckServes(machine, target));
  NACRE_TRY(const Network network, ReadOnnx(options.model));
  NACRE_TRY(const Space space, BuildSpace(network, {}));
  const std::string fingerprint = Fingerprint(machine, target);
  LatencyTable table =
      options.again ? LatencyTable{.fingerprint = fingerprint} : ReadTable(fingerprint);
  const ProfileCare care{.rounds = options.rounds,
                         .seed = options.seed + 1};  // other networks than the check's
  const size_t known = table.entries.size();
  NACRE_CHECK_OK(WriteTable(table));  // fails before the measurements when it cannot be written
  const auto progress = MakeTerminalProgress(SteadyClock());
  progress->Stage("profile");
  const Seconds start = SteadyClock().Now();
  NACRE_CHECK_OK(ExtendBySpace(table, space, target, care, [&](double fraction) {
    progress->Update(fraction,
                     fmt::format("timing the parts of {} candidates", space.candidates.size()));
  }));
  if (table.entries.size() > known) {
    progress->Stage("calibrate");
    NACRE_CHECK_OK(CalibrateBySpace(table, space, target, care));
  }
  const double seconds = (SteadyClock().Now() - start).count();
  NACRE_CHECK_OK(WriteTable(table));
  nlohmann::json result = {{"file", TableFile(fingerprint).string()},
                           {"fingerprint", fingerprint},
                           {"target", target.ToString()},
                           {"parts", table.entries.size()},
                           {"known_before", known},
                           {"seconds", seconds}};
  if (!json) {
    fmt::print("{} parts of {}, {} of them known before, in {:.0f} s: {}\n", table.entries.size(),
               target.ToString(), known, seconds, TableFile(fingerprint).string());
  }
  if (options.check > 0) {
    progress->Stage("check");
    NACRE_TRY(const TableCheck check,
              CheckTable(table, space, target, {options.rounds, options.check, options.seed}));
    result["check"] = Describe(check);
    if (!json) {
      fmt::print(
          "predicted against measured latency of {} random networks: largest error {:.1f} %, "
          "Kendall tau {:.3f}\n",
          check.measured.size(), 100 * check.largest_error, check.tau);
      fmt::print(
          "the same networks measured twice: largest difference {:.1f} %, Kendall tau {:.3f}\n",
          100 * check.largest_repeat, check.repeat_tau);
    }
  }
  if (json) fmt::print("{}\n", result.dump(2));
  return {};
}

}  // namespace

void AddTarget(CLI::App& app, CommandLine& line) {
  CLI::App* command =
      app.add_subcommand("target", "measure what a target is like: its latency table");
  command->require_subcommand(1);
  CLI::App* profile = command->add_subcommand(
      "profile", "measure the parts of a model's search space, for this and all later runs");
  profile->fallthrough();
  auto options = std::make_shared<ProfileOptions>();
  profile->add_option("MODEL", options->model, "an ONNX file")->required();
  profile
      ->add_option("--target", options->target, "cpu:int8,threads=1,batch=1, ssh://host/cpu:int8")
      ->capture_default_str();
  profile
      ->add_option("--check", options->check,
                   "number of random networks to check the table with; 0: no check")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  profile
      ->add_option("--rounds", options->rounds, "rounds of measurements of each part and network")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  profile->add_option("--seed", options->seed, "seed of the random networks")
      ->capture_default_str();
  profile->add_flag("--again", options->again, "measure again what the table already holds");
  profile->callback([&line, options] {
    line.chosen = [&line, options] { return Profile(*options, line.json); };
  });
}

}  // namespace nacre
