// Which results are shown, and not only seen, to lose no more accuracy than allowed.
#pragma once

#include <vector>

#include "config/config.h"
#include "report/report.h"

namespace nacre {

// Sets `certified` of every entry; `drop` must be set where the loss was measured. The entries are
// tested in a fixed sequence, from the most expensive one, which is the safest, to the boldest, and
// the first whose bound is above the limit ends it: so the chance that any network beyond the limit
// is certified stays at 5 %, without a correction for the number of tests (Maurer, Hothorn and
// Lehmacher, 1995: a priori ordered hypotheses).
void Certify(const RunConfig& config, std::vector<FrontEntry>& front);

}  // namespace nacre
