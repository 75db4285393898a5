#include "cost/usage.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/footprint.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "quantize/quantize.h"

namespace nacre {
namespace {

double BytesPerElement(Precision precision) {
  switch (precision) {
    case Precision::kInt8:
      return 1;
    case Precision::kBf16:
      return 2;
    case Precision::kFp32:
      return 4;
  }
  return 4;
}

}  // namespace

Network AsDeployed(const Network& network, const Target& target) {
  return target.precision == Precision::kInt8 ? QuantizeForTiming(network) : FoldBatchNorm(network);
}

double Bounds::MostLatency(int64_t batch) const {
  const double by_throughput = throughput > 0 ? 1e6 * static_cast<double>(batch) / throughput : 0;
  if (latency <= 0 || by_throughput <= 0) return std::max(latency, by_throughput);
  return std::min(latency, by_throughput);
}

Expected<Usage> UsageOf(const Network& network, const Target& target) {
  NACRE_TRY(const Footprint footprint, FootprintOf(FoldBatchNorm(network), target.batch));
  Usage usage;
  usage.size = static_cast<double>(SerializedSize(AsDeployed(network, target)));
  usage.memory = BytesPerElement(target.precision) *
                 static_cast<double>(footprint.weights + footprint.activations);
  return usage;
}

Expected<double> WeightBytes(const Network& network, const Target& target) {
  NACRE_TRY(const Cost cost, CostOf(FoldBatchNorm(network)));
  return BytesPerElement(target.precision) * static_cast<double>(cost.parameters);
}

std::string BrokenBound(const Bounds& bounds, const Usage& usage, int64_t batch) {
  const double most = bounds.MostLatency(batch);
  if (most > 0 && usage.latency > most) {
    return fmt::format("takes {:.4g} ms a batch of {}, more than {:.4g} ms", usage.latency / 1e3,
                       batch, most / 1e3);
  }
  if (bounds.size > 0 && usage.size > bounds.size) {
    return fmt::format("is {:.1f} KiB large, more than {:.1f} KiB", usage.size / 1024,
                       bounds.size / 1024);
  }
  if (bounds.memory > 0 && usage.memory > bounds.memory) {
    return fmt::format("takes {:.1f} KiB of memory, more than {:.1f} KiB", usage.memory / 1024,
                       bounds.memory / 1024);
  }
  return {};
}

}  // namespace nacre
