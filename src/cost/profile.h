// The latency table of a target: measured by itself, kept from run to run, and judged on whole
// networks.
#pragma once

#include <filesystem>

#include "cost/latency_table.h"
#include "target/measure.h"
#include "target/target.h"

namespace nacre {

// The network as the target runs it, with made-up ranges when the target is INT8.
MeasureJob TimingJob(const Network& network, const Target& target);

// Times networks on the target, interleaved, in a child process.
MeasureMany TimesOn(const Target& target,
                    const MeasureOptions& options = {.rounds = 9, .slice = Seconds(0.004)});

// The table's name for a part: batch-norm folded, as the compiler sees it.
std::string PartKey(const Network& fragment);

// $NACRE_CACHE, $XDG_CACHE_HOME/nacre or ~/.cache/nacre; one file per fingerprint below "latency".
std::filesystem::path TableFile(const std::string& fingerprint);
// An empty table when there is none, or none that can be read.
LatencyTable ReadTable(const std::string& fingerprint);
// Error (kUsage) names the file that cannot be written.
Expected<void> WriteTable(const LatencyTable& table);

}  // namespace nacre
