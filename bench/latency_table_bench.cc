// Predicted against measured latency of random architectures: blocks of widths 16 to 128 at 32x32,
// 16x16 and 8x8. The table is built from the parts, calibrated on 12 networks, and judged on
// others.
//
//   latency_table_bench [int8|fp32] [architectures] [seed]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/rank.h"
#include "cost/chain.h"
#include "cost/latency_table.h"
#include "graph/builder.h"
#include "graph/simplify.h"
#include "quantize/quantize.h"
#include "target/measure.h"

namespace nacre {
namespace {

constexpr size_t kCalibration = 12;

using Parts = std::vector<Network>;

NetworkBuilder Builder(int64_t channels, int64_t size) {
  return NetworkBuilder("part", "x", {kDynamic, channels, size, size}, Random(3));
}

Network Plain(int64_t in, int64_t size, int64_t out, int64_t stride, int64_t kernel = 3) {
  NetworkBuilder b = Builder(in, size);
  return std::move(b).Finish(
      b.ConvBn("x", {.out = out, .kernel = kernel, .stride = stride}, "Relu"), "y");
}

// Two 3x3 convolutions and the residual; a 1x1 convolution on the way round where the shape
// changes.
Network Residual(int64_t in, int64_t size, int64_t out, int64_t stride, int64_t middle) {
  NetworkBuilder b = Builder(in, size);
  const std::string y = b.ConvBn("x", {.out = middle, .stride = stride}, "Relu");
  const std::string z = b.ConvBn(y, {.out = out}, "");
  const bool same = in == out && stride == 1;
  const std::string around =
      same ? "x" : b.ConvBn("x", {.out = out, .kernel = 1, .stride = stride}, "");
  return std::move(b).Finish(b.Activation(b.Add(z, around), "Relu"), "y");
}

Network Bottleneck(int64_t width, int64_t size, int64_t groups) {
  NetworkBuilder b = Builder(width, size);
  const int64_t middle = groups > 1 ? width : std::max<int64_t>(16, width / 2);
  std::string y = b.ConvBn("x", {.out = middle, .kernel = 1}, "Relu");
  y = b.ConvBn(y, {.out = middle, .groups = groups}, "Relu");
  y = b.ConvBn(y, {.out = width, .kernel = 1}, "");
  return std::move(b).Finish(b.Activation(b.Add(y, "x"), "Relu"), "y");
}

Network Head(int64_t width, int64_t size) {
  NetworkBuilder b = Builder(width, size);
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool("x")), 10), "y");
}

// ResNets of CIFAR: three stages of residual blocks.
Parts ResNet(int blocks) {
  Parts parts = {Plain(3, 32, 16, 1)};
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t width = 16 << stage, size = 32 >> stage;
    for (int i = 0; i < blocks; ++i) {
      const bool first = i == 0 && stage > 0;
      parts.push_back(first ? Residual(width / 2, size * 2, width, 2, width)
                            : Residual(width, size, width, 1, width));
    }
  }
  parts.push_back(Head(64, 8));
  return parts;
}

Network RandomBlock(int64_t width, int64_t size, Random& random) {
  switch (random.Below(6)) {
    case 0:
      return Plain(width, size, width, 1);
    case 1:
      return Bottleneck(width, size, 1);
    case 2:
      return width >= 32 ? Bottleneck(width, size, width / 16) : Plain(width, size, width, 1);
    case 3:
      return Residual(width, size, width, 1, std::max<int64_t>(16, width / 2));
    default:
      return Residual(width, size, width, 1, width);
  }
}

Parts RandomArchitecture(Random& random) {
  const std::vector<std::vector<int64_t>> widths = {
      {16, 32, 48}, {32, 48, 64, 96}, {48, 64, 96, 128}};
  int64_t width = widths[0][random.Below(3)];
  Parts parts = {Plain(3, 32, width, 1)};
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t size = 32 >> stage;
    if (stage > 0) {
      const int64_t next = widths[stage][random.Below(4)];
      parts.push_back(random.Below(2) ? Residual(width, size * 2, next, 2, next)
                                      : Plain(width, size * 2, next, 2));
      width = next;
    }
    const uint64_t blocks = random.Below(stage == 0 ? 4 : 6);
    for (uint64_t i = 0; i < blocks; ++i) parts.push_back(RandomBlock(width, size, random));
  }
  parts.push_back(Head(width, 8));
  return parts;
}

class Bench {
 public:
  explicit Bench(Precision precision) : precision_(precision) {}

  std::vector<Expected<double>> Measure(const Parts& networks,
                                        const MeasureOptions& options) const {
    std::vector<MeasureJob> jobs;
    for (const Network& network : networks)
      jobs.push_back(
          {precision_ == Precision::kInt8 ? QuantizeForTiming(network) : FoldBatchNorm(network),
           {.precision = precision_}});
    return PairedMicroseconds(MeasureInChild(jobs, options, {}));
  }

  // Microseconds of whole networks, on the scale of the table.
  Expected<std::vector<double>> MeasureWhole(LatencyTable& table,
                                             const std::vector<Parts>& networks) const {
    constexpr size_t kAtOnce = 16;
    const auto measure = [&](const Parts& probes) {
      return Measure(probes, {.rounds = 15, .slice = Seconds(0.008)});
    };
    std::vector<double> result;
    for (size_t begin = 0; begin < networks.size(); begin += kAtOnce) {
      Parts whole;
      for (size_t i = begin; i < std::min(networks.size(), begin + kAtOnce); ++i)
        whole.push_back(Chain(networks[i]));
      NACRE_TRY(const auto latencies, MeasureOnScale(table, whole, measure));
      for (const auto& each : latencies) {
        NACRE_TRY(const double latency, each);
        result.push_back(latency);
      }
    }
    return result;
  }

  Expected<LatencyTable> BuildTable(const std::vector<Parts>& networks) const {
    Parts fragments;
    for (const Parts& parts : networks)
      fragments.insert(fragments.end(), parts.begin(), parts.end());
    LatencyTable table;
    const auto measure = [&](const Parts& probes) {
      return Measure(probes, {.rounds = 15, .slice = Seconds(0.004)});
    };
    const auto start = std::chrono::steady_clock::now();
    NACRE_CHECK_OK(Extend(table, fragments, measure));
    const Seconds took = std::chrono::steady_clock::now() - start;
    fmt::print("{} fragments in {:.1f} s; overhead {:.1f} us, reference {:.1f} us\n",
               table.entries.size(), took.count(), table.overhead, table.reference);
    return table;
  }

 private:
  Precision precision_;
};

struct Score {
  double worst = 0, mean = 0, tau = 0;
};

Expected<Score> Judge(const LatencyTable& table, const std::vector<Parts>& networks,
                      const std::vector<double>& measured, bool print) {
  std::vector<double> predicted;
  Score score;
  for (size_t i = 0; i < networks.size(); ++i) {
    NACRE_TRY(const double each, PredictLatency(table, networks[i]));
    predicted.push_back(each);
    const double error = each / measured[i] - 1;
    score.worst = std::max(score.worst, std::abs(error));
    score.mean += std::abs(error) / static_cast<double>(networks.size());
    if (print)
      fmt::print("{:3} {:3} parts  measured {:8.1f}  predicted {:8.1f}  {:+6.1f} %\n", i,
                 networks[i].size(), measured[i], each, 100 * error);
  }
  score.tau = KendallTau(predicted, measured);
  return score;
}

Expected<void> Run(Precision precision, size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<Parts> networks = {ResNet(3), ResNet(9)};
  while (networks.size() < kCalibration + count) networks.push_back(RandomArchitecture(random));
  const Bench bench(precision);
  NACRE_TRY(LatencyTable table, bench.BuildTable(networks));
  NACRE_TRY(std::vector<double> measured, bench.MeasureWhole(table, networks));
  // The first two, which were asked for by name, are judged too; calibration takes the last.
  const std::vector<Parts> known(networks.end() - kCalibration, networks.end());
  const std::vector<double> known_measured(measured.end() - kCalibration, measured.end());
  networks.resize(count);
  measured.resize(count);
  NACRE_TRY(const Score raw, Judge(table, networks, measured, false));
  NACRE_CHECK_OK(Calibrate(table, known, known_measured));
  NACRE_TRY(const Score score, Judge(table, networks, measured, true));
  fmt::print("calibrated: overhead {:.1f} us, scale {:.3f}\n", table.overhead, table.scale);
  for (const auto& [name, s] : {std::pair("as measured", raw), std::pair("calibrated", score)})
    fmt::print("{:<12} worst error {:.1f} %, mean {:.1f} %, Kendall tau {:.3f}\n", name,
               100 * s.worst, 100 * s.mean, s.tau);
  return {};
}

}  // namespace
}  // namespace nacre

int main(int count, char** arguments) {
  const std::string first = count > 1 ? arguments[1] : "int8";
  if (first == "measure") return nacre::ServeMeasurements(0, 1);
  const auto precision = first == "fp32" ? nacre::Precision::kFp32 : nacre::Precision::kInt8;
  const size_t architectures = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 50;
  const uint64_t seed = count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 1;
  if (const auto done = nacre::Run(precision, architectures, seed); !done) {
    fmt::print(stderr, "latency_table_bench: {}\n", done.error().message);
    return static_cast<int>(done.error().kind);
  }
  return 0;
}
