#include "cost/latency_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include "cost/probe.h"
#include "forecast/priors.h"

namespace nacre {

using namespace cost_internal;

namespace {

constexpr size_t kProbesAtOnce = 24;

// A fragment that the table lacks.
struct MissingPart {
  std::string hash;
  const Network* fragment = nullptr;
  Border border;

  // A fragment can only be repeated where it keeps its shape.
  int repeats() const {
    const bool keeps = !border.in.empty() && border.in == border.out;
    return keeps ? static_cast<int>(priors::kFragmentRepeats.Count()) : 1;
  }
  Network Probe() const { return FragmentProbe(*fragment, border, repeats()); }
};

// Parts that do nothing get their entry at once.
Expected<std::vector<MissingPart>> FindMissing(LatencyTable& table,
                                               const std::vector<Network>& fragments) {
  std::vector<MissingPart> missing;
  std::set<std::string> seen;
  for (const Network& fragment : fragments) {
    const std::string hash = StructuralHash(fragment);
    if (table.entries.count(hash) > 0 || !seen.insert(hash).second) continue;
    NACRE_TRY(const Border border, BorderOf(fragment));
    if (IsIdentity(fragment))
      table.entries[hash] = 0;
    else
      missing.push_back({hash, &fragment, border});
  }
  return missing;
}

// Measures networks on the scale of the table's first measurement.
class Session {
 public:
  Session(LatencyTable& table, const MeasureMany& measure) : table_(table), measure_(measure) {}

  Expected<std::vector<Expected<double>>> Measure(std::vector<Network> networks) {
    networks.insert(networks.begin(), ReferenceProbe());
    std::vector<Expected<double>> results = measure_(networks);
    if (results.size() != networks.size())
      throw std::logic_error("MeasureMany must give one result for each network");
    NACRE_TRY(const double reference, results[0]);
    if (table_.reference <= 0) table_.reference = reference;
    results.erase(results.begin());
    for (auto& result : results) {
      if (result) *result *= table_.reference / reference;
    }
    return results;
  }

 private:
  LatencyTable& table_;
  const MeasureMany& measure_;
};

// The borders of the parts, and the end of a network, for which the table has no base yet; by key.
std::map<std::string, Shape> BordersWithoutBase(const LatencyTable& table,
                                                const std::vector<MissingPart>& parts) {
  std::map<std::string, Shape> borders = {{BaseKey({}), {}}};
  for (const MissingPart& part : parts) {
    borders[BaseKey(part.border.in)] = part.border.in;
    borders[BaseKey(part.border.out)] = part.border.out;
  }
  std::erase_if(borders, [&](const auto& border) { return table.bases.count(border.first) > 0; });
  return borders;
}

// The median of every `stride`-th result from `first` on.
Expected<double> MedianOf(const std::vector<Expected<double>>& results, size_t first,
                          size_t stride) {
  std::vector<double> latencies;
  for (size_t i = first; i < results.size(); i += stride) {
    NACRE_TRY(const double latency, results[i]);
    latencies.push_back(latency);
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies[latencies.size() / 2];
}

// The overhead and the bases are subtracted again and again, so that their noise would add up: each
// is the median of several measurements.
Expected<void> MeasureBases(LatencyTable& table, const std::vector<MissingPart>& parts,
                            Session& session) {
  const auto borders = BordersWithoutBase(table, parts);
  if (borders.empty()) return {};
  std::vector<Network> probes;
  for (int64_t time = 0; time < priors::kBaseRepeats.Count(); ++time) {
    for (const auto& [key, shape] : borders) probes.push_back(BaseProbe(shape));
  }
  NACRE_TRY(const auto results, session.Measure(std::move(probes)));
  size_t next = 0;
  for (const auto& [key, shape] : borders) {
    NACRE_TRY(table.bases[key], MedianOf(results, next, borders.size()));
    ++next;
  }
  if (table.overhead == 0) table.overhead = table.bases[BaseKey({})];
  return {};
}

// A part that cannot be measured gets no entry.
Expected<void> MeasureParts(LatencyTable& table, std::span<const MissingPart> parts,
                            Session& session) {
  std::vector<Network> probes;
  for (const MissingPart& part : parts) probes.push_back(part.Probe());
  NACRE_TRY(const auto results, session.Measure(std::move(probes)));
  for (size_t i = 0; i < parts.size(); ++i) {
    const MissingPart& part = parts[i];
    if (!results[i]) continue;
    const double base =
        (table.bases[BaseKey(part.border.in)] + table.bases[BaseKey(part.border.out)]) / 2;
    table.entries[part.hash] = (*results[i] - base) / part.repeats();
  }
  return {};
}

}  // namespace

Expected<void> Extend(LatencyTable& table, const std::vector<Network>& fragments,
                      const MeasureMany& measure, const std::function<void(double)>& progress) {
  NACRE_TRY(const std::vector<MissingPart> missing, FindMissing(table, fragments));
  if (missing.empty()) return {};
  Session session(table, measure);
  NACRE_CHECK_OK(MeasureBases(table, missing, session));
  for (size_t begin = 0; begin < missing.size(); begin += kProbesAtOnce) {
    if (progress) progress(static_cast<double>(begin) / static_cast<double>(missing.size()));
    const size_t count = std::min(kProbesAtOnce, missing.size() - begin);
    NACRE_CHECK_OK(MeasureParts(table, std::span(missing).subspan(begin, count), session));
  }
  if (progress) progress(1);
  return {};
}

Expected<std::vector<Expected<double>>> MeasureOnScale(LatencyTable& table,
                                                       const std::vector<Network>& networks,
                                                       const MeasureMany& measure) {
  return Session(table, measure).Measure(networks);
}

Expected<double> PredictLatency(const LatencyTable& table, const std::vector<Network>& parts) {
  double sum = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto entry = table.entries.find(StructuralHash(parts[i]));
    if (entry == table.entries.end()) {
      return Fail(ErrorKind::kInternal,
                  fmt::format("the latency table lacks part {} ({}): extend the table by it", i,
                              parts[i].name));
    }
    sum += entry->second;
  }
  return table.overhead + table.scale * sum;
}

}  // namespace nacre
