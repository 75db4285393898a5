#include "quantize/quantize.h"

#include <algorithm>
#include <iterator>

#include "graph/simplify.h"
#include "quantize/bias.h"
#include "quantize/placement.h"

namespace nacre {

using namespace quantize_internal;

int SafeWeightBits(const MachineInfo& machine) {
  constexpr const char* kInt32Products[] = {"avx512_vnni", "avx_vnni", "avx_vnni_int8",
                                            "amx_int8",    "asimddp",  "i8mm"};
  const bool exact = std::any_of(std::begin(kInt32Products), std::end(kInt32Products),
                                 [&](const char* each) { return machine.Has(each); });
  return exact ? 8 : 7;
}

Expected<Network> Quantize(const Network& network, Compiler& compiler, const ImageSet& calibration,
                           const QuantizeOptions& options) {
  Network folded = FoldBatchNorm(network);
  NACRE_TRY(const auto ranges, CollectRanges(folded, compiler, calibration, options));
  if (options.bias_correction) {
    NACRE_TRY(folded, CorrectBias(folded, compiler, calibration, ranges, options));
  }
  return InsertQdq(folded, ranges, options);
}

Network QuantizeForTiming(const Network& network) {
  const Network folded = FoldBatchNorm(network);
  const QuantizeOptions options;
  std::map<std::string, Range> ranges;
  for (const auto& value : QuantizedValues(folded, options)) {
    const bool positive = IsNonNegative(folded, value);
    ranges[value] = positive ? Range{0, 6} : Range{-4, 4};
  }
  return InsertQdq(folded, ranges, options);
}

}  // namespace nacre
