// Latency of a network as a sum over its parts, measured on the target (method.md section 2, step
// 1).
//
// A part alone is not what it is inside a network: its borders would be counted (conversion of the
// input, layout, reading and writing floats). So a part F from shape s to shape t is measured
// between a cheap front that makes s out of an image and a cheap tail that reads t, as the compiler
// would see it inside a network; and what front and tail cost is taken off:
//   entry(F) = latency(front(s) F tail(t)) - (base(s) + base(t)) / 2,   base(s) = latency(front(s)
//   tail(s)).
// Halving is arbitrary and harmless: along the parts of a whole network the bases of all inner cuts
// cancel. A part that keeps its shape is repeated, which divides the noise. A part that reads an
// image (up to 4 channels), or does not give a feature map, is an end of the network: no front or
// tail there, and the base is `overhead`.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "graph/network.h"

namespace nacre {

// All numbers in microseconds at the time of the first measurement: what comes later is scaled by
// the reference.
struct LatencyTable {
  std::string fingerprint;                // of machine, compiler, target
  std::map<std::string, double> entries;  // structural hash of a fragment -> marginal latency
  double overhead = 0;                    // per inference
  double scale = 1;                       // calibrated against whole networks
  double reference = 0;                 // latency of the reference network; 0: nothing measured yet
  std::map<std::string, double> bases;  // "16x32x32" -> latency of front and tail there
};

// JSON, for the cache. Error (kInternal) when `text` is not what ToJson wrote.
std::string ToJson(const LatencyTable& table);
Expected<LatencyTable> LatencyTableFromJson(const std::string& text);

// Measures many networks interleaved with the first, which serves as reference against drift;
// microseconds each. Whoever gives it sees to precision: it quantises the networks when the target
// is INT8.
using MeasureMany = std::function<std::vector<Expected<double>>(const std::vector<Network>&)>;

// Adds what of `fragments` (one float input, one float output) is not in the table yet; fragments
// with the same structural hash are measured once. A fragment that cannot be measured gets no
// entry, and the others do. `progress` hears fractions from 0 to 1. Errors: a fragment without
// exactly one input and output (kModel); the reference or a base cannot be measured (as `measure`
// says).
Expected<void> Extend(LatencyTable& table, const std::vector<Network>& fragments,
                      const MeasureMany& measure, const std::function<void(double)>& progress = {});

// Microseconds of whole networks on the table's scale: interleaved with its reference. Error: the
// reference cannot be measured.
Expected<std::vector<Expected<double>>> MeasureOnScale(LatencyTable& table,
                                                       const std::vector<Network>& networks,
                                                       const MeasureMany& measure);

// Microseconds of the network that is made of `parts`, in order: overhead + scale * sum of entries.
// Error (kInternal) names the part that the table lacks.
Expected<double> Predict(const LatencyTable& table, const std::vector<Network>& parts);

// Sets overhead and scale to fit whole networks, given as their parts, by least squares of the
// relative error; `measured` in microseconds, in the same order. With fewer than 3 networks, or
// when all are about as slow, only scale. Errors: a missing part, or different counts (kInternal).
Expected<void> Calibrate(LatencyTable& table, const std::vector<std::vector<Network>>& networks,
                         const std::vector<double>& measured);

}  // namespace nacre
