// The latency table of a target: measured by networks of its own, and kept from run to run.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"
#include "cost/latency_table.h"
#include "graph/network.h"
#include "target/measure.h"
#include "target/target.h"

namespace nacre {

// The network as the target runs it, with made-up ranges when the target is INT8.
MeasureJob TimingJob(const Network& network, const Target& target);

// Times networks on the target, interleaved, in a child process.
MeasureMany TimesOn(const Target& target,
                    const MeasureOptions& options = {.rounds = 9, .slice = Seconds(0.004)});

// The key of a part in LatencyTable::entries: the hash of its structure with batch-norm folded, as
// the compiler sees it.
std::string PartKey(const Network& fragment);

// The cached table of a fingerprint: a file in the folder "latency" of $NACRE_CACHE,
// $XDG_CACHE_HOME/nacre or ~/.cache/nacre.
std::filesystem::path TableFile(const std::string& fingerprint);
// An empty table when there is none, or none that can be read.
LatencyTable ReadTable(const std::string& fingerprint);
// Error (kUsage) names the folder that cannot be created; other errors are WriteFileAtomically's.
Expected<void> WriteTable(const LatencyTable& table);

}  // namespace nacre
