#include <fmt/format.h>

#include <optional>
#include <vector>

#include "cost/latency_table.h"

namespace nacre {
namespace {

// Minimises sum(((overhead + scale * sum_i) / measured_i - 1)^2): ordinary least squares in u = 1 /
// measured and v = sum / measured.
struct NormalSums {
  double uu = 0, uv = 0, vv = 0, u = 0, v = 0;
};

NormalSums Accumulate(const std::vector<double>& sums, const std::vector<double>& measured) {
  NormalSums n;
  for (size_t i = 0; i < sums.size(); ++i) {
    const double u = 1 / measured[i];
    const double v = sums[i] / measured[i];
    n.uu += u * u;
    n.uv += u * v;
    n.vv += v * v;
    n.u += u;
    n.v += v;
  }
  return n;
}

struct Fit {
  double overhead = 0, scale = 1;
};

// Nothing when the networks are about as slow, so that the two cannot be told apart, or when the
// fit is not a possible machine.
std::optional<Fit> FitBoth(const NormalSums& n) {
  const double determinant = n.uu * n.vv - n.uv * n.uv;
  const bool distinct = determinant > 1e-3 * n.uu * n.vv;
  if (!distinct) return std::nullopt;
  const double overhead = (n.u * n.vv - n.v * n.uv) / determinant;
  const double scale = (n.v * n.uu - n.u * n.uv) / determinant;
  const bool possible = overhead >= 0 && scale > 0;
  if (!possible) return std::nullopt;
  return Fit{overhead, scale};
}

Expected<std::vector<double>> SumsOfEntries(LatencyTable table,
                                            const std::vector<std::vector<Network>>& networks) {
  table.overhead = 0;
  table.scale = 1;
  std::vector<double> sums;
  for (const auto& parts : networks) {
    NACRE_TRY(const double sum, PredictLatency(table, parts));
    sums.push_back(sum);
  }
  return sums;
}

}  // namespace

Expected<void> Calibrate(LatencyTable& table, const std::vector<std::vector<Network>>& networks,
                         const std::vector<double>& measured) {
  constexpr size_t kLeastForBoth = 3;
  if (networks.size() != measured.size() || networks.empty()) {
    return Fail(ErrorKind::kInternal, fmt::format("calibration: {} networks, {} measurements",
                                                  networks.size(), measured.size()));
  }
  NACRE_TRY(const auto sums, SumsOfEntries(table, networks));
  const NormalSums n = Accumulate(sums, measured);
  const auto both = networks.size() >= kLeastForBoth ? FitBoth(n) : std::nullopt;
  const Fit fit = both.value_or(Fit{table.overhead, (n.v - table.overhead * n.uv) / n.vv});
  if (!(fit.scale > 0)) {
    return Fail(ErrorKind::kInternal,
                "calibration: the table does not fit the networks; delete the cached table");
  }
  table.overhead = fit.overhead;
  table.scale = fit.scale;
  return {};
}

}  // namespace nacre
