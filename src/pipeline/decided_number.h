// Numbers that depend on the clock or the machine, and that a resumed run takes over.
#pragma once

#include <fmt/format.h>

#include <string>

#include "pipeline/run_services.h"

namespace nacre {

// What `decide()` gives, the first time that this run asks for `name`; later the same number.
// `name` says what is decided, with all that it depends on. Errors: those of the run's store.
template <typename F>
Expected<double> DecidedNumber(RunServices& run, const std::string& name, F decide) {
  NACRE_TRY(auto decided, run.jobs.Decided(name));
  if (!decided) {
    decided = fmt::format("{}", double{decide()});
    NACRE_CHECK_OK(run.jobs.Decide(name, *decided));
  }
  return std::stod(*decided);
}

}  // namespace nacre
