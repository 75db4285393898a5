#include "cost/profile.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "cost/usage.h"
#include "graph/simplify.h"
#include "store/cache.h"
#include "store/write_file.h"
#include "target/remote.h"

namespace nacre {

namespace fs = std::filesystem;

MeasureJob TimingJob(const Network& network, const Target& target) {
  return {AsDeployed(network, target), {target.precision, target.threads, target.batch}};
}

MeasureMany TimesOn(const Target& target, const MeasureOptions& options) {
  return [target, options](const std::vector<Network>& networks) {
    std::vector<MeasureJob> jobs;
    for (const Network& network : networks) jobs.push_back(TimingJob(network, target));
    return PairedMicroseconds(MeasureInChild(jobs, options, LimitsFor(target)));
  };
}

std::string PartKey(const Network& fragment) { return StructuralHash(FoldBatchNorm(fragment)); }

fs::path TableFile(const std::string& fingerprint) {
  return CacheFolder() / "latency" / (fingerprint + ".json");
}

LatencyTable ReadTable(const std::string& fingerprint) {
  std::ifstream file(TableFile(fingerprint));
  std::ostringstream text;
  text << file.rdbuf();
  const auto table = LatencyTableFromJson(text.str());
  return table && table->fingerprint == fingerprint ? *table
                                                    : LatencyTable{.fingerprint = fingerprint};
}

Expected<void> WriteTable(const LatencyTable& table) {
  const fs::path file = TableFile(table.fingerprint);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) {
    return Fail(ErrorKind::kUsage,
                fmt::format("cannot create {}: {}; NACRE_CACHE names another folder",
                            file.parent_path().string(), error.message()));
  }
  return WriteFileAtomically(file, ToJson(table));
}

}  // namespace nacre
