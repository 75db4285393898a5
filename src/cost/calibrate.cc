#include <fmt/format.h>

#include <cmath>

#include "cost/latency_table.h"

namespace nacre {
namespace {

// Minimises sum(((overhead + scale * sum_i) / measured_i - 1)^2): ordinary least squares in u = 1 /
// measured and v = sum / measured.
struct Normal {
  double uu = 0, uv = 0, vv = 0, u = 0, v = 0;
};

Normal Accumulate(const std::vector<double>& sums, const std::vector<double>& measured) {
  Normal n;
  for (size_t i = 0; i < sums.size(); ++i) {
    const double u = 1 / measured[i], v = sums[i] / measured[i];
    n.uu += u * u;
    n.uv += u * v;
    n.vv += v * v;
    n.u += u;
    n.v += v;
  }
  return n;
}

}  // namespace

Expected<void> Calibrate(LatencyTable& table, const std::vector<std::vector<Network>>& networks,
                         const std::vector<double>& measured) {
  if (networks.size() != measured.size() || networks.empty())
    return Fail(ErrorKind::kInternal, fmt::format("calibration: {} networks, {} measurements",
                                                  networks.size(), measured.size()));
  LatencyTable plain = table;
  plain.overhead = 0;
  plain.scale = 1;
  std::vector<double> sums;
  for (const auto& parts : networks) {
    NACRE_TRY(const double sum, Predict(plain, parts));
    sums.push_back(sum);
  }
  const Normal n = Accumulate(sums, measured);
  const double determinant = n.uu * n.vv - n.uv * n.uv;
  if (networks.size() >= 3 && determinant > 1e-3 * n.uu * n.vv) {
    const double overhead = (n.u * n.vv - n.v * n.uv) / determinant;
    const double scale = (n.v * n.uu - n.u * n.uv) / determinant;
    if (overhead >= 0 && scale > 0) {
      table.overhead = overhead;
      table.scale = scale;
      return {};
    }
  }
  const double scale = (n.v - table.overhead * n.uv) / n.vv;
  if (!(scale > 0))
    return Fail(ErrorKind::kInternal,
                "calibration: the table does not fit the networks; delete the cached table");
  table.scale = scale;
  return {};
}

}  // namespace nacre
