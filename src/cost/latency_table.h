// Latency of a network as a sum over its parts, measured on the target (docs/method.md, section 2,
// step 1).
//
// A part alone does not cost what it costs inside a network: the conversion of its input, its
// layout, and reading and writing floats would count. So a part F from shape s to shape t is
// measured between a cheap front that makes s out of an image and a cheap tail that reads t, as the
// compiler would see it inside a network, and the cost of front and tail is subtracted:
//   entry(F) = latency(front(s) F tail(t)) - (base(s) + base(t)) / 2
//   base(s) = latency(front(s) tail(s))
// Halving is arbitrary and harmless: along the parts of a whole network the bases of all inner cuts
// cancel. A part that keeps its shape is repeated, which divides the noise. A part that reads an
// image (priors::kImageChannels), or does not give a feature map, is an end of the network: it has
// no front or no tail there, and the base is `overhead`.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre {

// All latencies are in microseconds at the time of the first measurement: later ones are scaled by
// the reference.
struct LatencyTable {
  std::string fingerprint;                // of machine, compiler and target
  std::map<std::string, double> entries;  // structural hash of a fragment -> marginal latency
  double overhead = 0;                    // of an inference
  double scale = 1;                       // calibrated against whole networks
  double reference = 0;  // latency of the reference network; 0: nothing is measured yet
  std::map<std::string, double> bases;  // "16x32x32" -> latency of front and tail there
};

// JSON, for the cache. Error (kInternal): `text` is not what ToJson wrote.
std::string ToJson(const LatencyTable& table);
Expected<LatencyTable> LatencyTableFromJson(const std::string& text);

// Measures many networks interleaved with the first, which serves as a reference against drift;
// microseconds of each. Precision is the callee's concern: it quantizes the networks when the
// target is INT8.
using MeasureMany = std::function<std::vector<Expected<double>>(const std::vector<Network>&)>;

// Adds those of `fragments` (one float input, one float output) that the table does not have yet;
// fragments with the same structural hash are measured once. A fragment that cannot be measured
// gets no entry, and the others do. `progress` hears fractions from 0 to 1. Errors: a fragment
// without exactly one input and output (kModel); the reference or a base cannot be measured (as
// `measure` says). Throws std::logic_error when `measure` does not give one result for each
// network.
Expected<void> Extend(LatencyTable& table, const std::vector<Network>& fragments,
                      const MeasureMany& measure, const std::function<void(double)>& progress = {});

// Microseconds of whole networks on the table's scale, measured interleaved with its reference.
// Error: the reference cannot be measured. Throws as Extend does.
Expected<std::vector<Expected<double>>> MeasureOnScale(LatencyTable& table,
                                                       const std::vector<Network>& networks,
                                                       const MeasureMany& measure);

// Microseconds of the network that is made of `parts`, in order: overhead + scale * sum of entries.
// Error (kInternal) names the part that the table lacks.
Expected<double> PredictLatency(const LatencyTable& table, const std::vector<Network>& parts);

// Sets overhead and scale to fit whole networks, given as their parts, by least squares of the
// relative error; `measured` in microseconds, in the same order. With fewer than 3 networks, or
// when all are about as slow, it sets only the scale. Errors (kInternal): a missing part, different
// counts, or no positive scale that fits.
Expected<void> Calibrate(LatencyTable& table, const std::vector<std::vector<Network>>& networks,
                         const std::vector<double>& measured);

}  // namespace nacre
