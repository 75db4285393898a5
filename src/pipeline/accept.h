// Acceptance: accuracy on images that no stage has seen, and latency interleaved with both
// baselines.
#pragma once

#include <vector>

#include "pipeline/quantize_finalists.h"
#include "pipeline/rate_space.h"
#include "report/report.h"

namespace nacre {

struct AcceptInputs {
  const Ingested& in;
  const Baselines& baselines;
  const RatedSpace& rated;
  const std::vector<QuantizedFinalist>& finalists;
  const QuantizedFinalist& original;
};

// The report with both baselines, all finalists (best first, with `on_front` where none beats them)
// and what the acceptance itself has to note. The original is among them where no finalist keeps
// the limit. Errors: kData (the test images), kTarget (measuring).
Expected<Report> Accept(RunServices& run, const AcceptInputs& inputs);

// Nothing when the best result meets the limit; else Error (kNothingMet) that says what may help.
Expected<void> CheckMet(const RunServices& run, const Report& report);

}  // namespace nacre
