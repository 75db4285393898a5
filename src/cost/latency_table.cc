#include "cost/latency_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "cost/probe.h"

namespace nacre {
namespace {

constexpr int kRepeats = 3;  // of a fragment that keeps its shape
constexpr size_t kProbesAtOnce = 24;

struct Wanted {
  std::string hash;
  const Network* fragment;
  Border border;

  int repeats() const { return !border.in.empty() && border.in == border.out ? kRepeats : 1; }
};

Expected<std::vector<Wanted>> Missing(LatencyTable& table, const std::vector<Network>& fragments) {
  std::vector<Wanted> wanted;
  std::set<std::string> seen;
  for (const Network& fragment : fragments) {
    const std::string hash = StructuralHash(fragment);
    if (table.entries.count(hash) || !seen.insert(hash).second) continue;
    NACRE_TRY(const Border border, BorderOf(fragment));
    if (IsIdentity(fragment))
      table.entries[hash] = 0;
    else
      wanted.push_back({hash, &fragment, border});
  }
  return wanted;
}

// Latencies of `probes` on the scale of the table's first measurement.
class Session {
 public:
  Session(LatencyTable& table, const MeasureMany& measure) : table_(table), measure_(measure) {}

  Expected<std::vector<Expected<double>>> Measure(std::vector<Network> probes) {
    probes.insert(probes.begin(), ReferenceProbe());
    std::vector<Expected<double>> results = measure_(probes);
    if (results.size() != probes.size())
      throw std::logic_error("MeasureMany: one result per network is needed");
    NACRE_TRY(const double reference, results[0]);
    if (table_.reference <= 0) table_.reference = reference;
    results.erase(results.begin());
    for (auto& result : results)
      if (result) *result *= table_.reference / reference;
    return results;
  }

 private:
  LatencyTable& table_;
  const MeasureMany& measure_;
};

// The overhead and the bases are subtracted again and again, so their noise would add up: median of
// several.
Expected<void> MeasureBases(LatencyTable& table, const std::vector<Wanted>& wanted,
                            Session& session) {
  constexpr int kTimes = 3;
  std::map<std::string, Shape> shapes;
  if (!table.bases.count("")) shapes[""] = {};
  for (const Wanted& each : wanted)
    for (const Shape& shape : {each.border.in, each.border.out})
      if (!table.bases.count(BaseKey(shape))) shapes[BaseKey(shape)] = shape;
  if (shapes.empty()) return {};
  std::vector<Network> probes;
  for (int time = 0; time < kTimes; ++time)
    for (const auto& [key, shape] : shapes)
      probes.push_back(shape.empty() ? OverheadProbe() : BaseProbe(shape));
  NACRE_TRY(const auto results, session.Measure(probes));
  size_t i = 0;
  for (const auto& [key, shape] : shapes) {
    std::vector<double> times;
    for (int time = 0; time < kTimes; ++time) {
      NACRE_TRY(const double latency, results[i + time * shapes.size()]);
      times.push_back(latency);
    }
    std::sort(times.begin(), times.end());
    table.bases[key] = times[kTimes / 2];
    ++i;
  }
  if (table.overhead == 0) table.overhead = table.bases[""];
  return {};
}

}  // namespace

Expected<void> Extend(LatencyTable& table, const std::vector<Network>& fragments,
                      const MeasureMany& measure, const std::function<void(double)>& progress) {
  NACRE_TRY(const std::vector<Wanted> wanted, Missing(table, fragments));
  if (wanted.empty()) return {};
  Session session(table, measure);
  NACRE_CHECK_OK(MeasureBases(table, wanted, session));
  for (size_t begin = 0; begin < wanted.size(); begin += kProbesAtOnce) {
    const size_t end = std::min(wanted.size(), begin + kProbesAtOnce);
    if (progress) progress(static_cast<double>(begin) / static_cast<double>(wanted.size()));
    std::vector<Network> probes;
    for (size_t i = begin; i < end; ++i)
      probes.push_back(FragmentProbe(*wanted[i].fragment, wanted[i].border, wanted[i].repeats()));
    NACRE_TRY(const auto results, session.Measure(probes));
    for (size_t i = begin; i < end; ++i) {
      const auto& latency = results[i - begin];
      if (!latency) continue;
      const Wanted& each = wanted[i];
      const double base =
          (table.bases[BaseKey(each.border.in)] + table.bases[BaseKey(each.border.out)]) / 2;
      table.entries[each.hash] = (*latency - base) / each.repeats();
    }
  }
  if (progress) progress(1);
  return {};
}

Expected<std::vector<Expected<double>>> MeasureOnScale(LatencyTable& table,
                                                       const std::vector<Network>& networks,
                                                       const MeasureMany& measure) {
  return Session(table, measure).Measure(networks);
}

Expected<double> Predict(const LatencyTable& table, const std::vector<Network>& parts) {
  double sum = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto entry = table.entries.find(StructuralHash(parts[i]));
    if (entry == table.entries.end())
      return Fail(ErrorKind::kInternal,
                  fmt::format("the latency table lacks part {} ({}): extend the table by it", i,
                              parts[i].name));
    sum += entry->second;
  }
  return table.overhead + table.scale * sum;
}

}  // namespace nacre
