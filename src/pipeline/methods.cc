#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "pipeline/autonac.h"
#include "pipeline/bootstrap.h"
#include "pipeline/method.h"
#include "pipeline/outputs.h"
#include "store/write_file.h"

namespace nacre {

std::span<const Method> Methods() {
  static const Method methods[] = {
      {"autonac", "tree search over automatically built candidates for parts of the network",
       RunAutonac, PlanAutonac},
      {"bootstrap", "a super-network out of the trained network, and a search of its sub-networks",
       RunBootstrap, PlanBootstrap},
  };
  return methods;
}

Expected<const Method*> FindMethod(const std::string& name, std::span<const Method> methods) {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const Method& method) { return method.name == name; });
  if (found != methods.end()) return &*found;
  std::vector<std::string> names;
  for (const Method& method : methods) names.push_back(method.name);
  return Fail(ErrorKind::kUsage,
              fmt::format("search.method = '{}': give one of {}", name, fmt::join(names, ", ")));
}

Expected<Report> RunMethod(RunServices& run, std::span<const Method> methods) {
  NACRE_TRY(const Method* method, FindMethod(run.config.method, methods));
  NACRE_CHECK_OK(WriteFileAtomically(run.store.folder() / "numbers.json", NumbersJson()));
  return method->run(run);
}

}  // namespace nacre
