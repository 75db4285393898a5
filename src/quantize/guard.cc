#include "quantize/guard.h"

#include <algorithm>

#include "quantize/placement.h"

namespace nacre {
namespace {

constexpr double kLeastPrice = 0.1;  // microseconds; less cannot be measured

struct Layer {
  std::string name;
  double harm = 0, price = kLeastPrice;
};

std::vector<std::string> Without(const std::vector<std::string>& layers, const std::string& one) {
  std::vector<std::string> others;
  std::copy_if(layers.begin(), layers.end(), std::back_inserter(others),
               [&](const auto& each) { return each != one; });
  return others;
}

// The most harmful, most harm first.
std::vector<Layer> Harmful(const std::vector<std::string>& layers, const GuardOptions& options,
                           const GuardMeans& means) {
  std::vector<Layer> found;
  for (const std::string& layer : layers) {
    const auto network = means.sketch(Without(layers, layer));
    if (!network) continue;
    const auto divergence = means.divergence(*network);
    if (divergence) found.push_back({layer, *divergence});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Layer& a, const Layer& b) { return a.harm > b.harm; });
  if (found.size() > static_cast<size_t>(options.most_layers))
    found.resize(static_cast<size_t>(options.most_layers));
  return found;
}

void Price(std::vector<Layer>& layers, const Network& quantized, const GuardMeans& means) {
  auto all = means.sketch({});
  std::vector<Network> networks = {all ? std::move(*all) : quantized};
  std::vector<size_t> of;
  for (size_t i = 0; i < layers.size(); ++i) {
    auto network = means.sketch({layers[i].name});
    if (!network) continue;
    networks.push_back(std::move(*network));
    of.push_back(i);
  }
  const auto latencies = means.latency(networks);
  if (latencies.size() != networks.size() || !latencies[0]) return;
  for (size_t k = 0; k < of.size(); ++k) {
    if (latencies[k + 1])
      layers[of[k]].price = std::max(kLeastPrice, *latencies[k + 1] - *latencies[0]);
  }
}

class Guard {
 public:
  Guard(const GuardOptions& options, const GuardMeans& means) : options_(options), means_(means) {}

  // With the first `count` of the layers in float; remembers the best.
  Expected<bool> Reaches(const std::vector<Layer>& layers, size_t count) {
    std::vector<std::string> kept;
    for (size_t i = 0; i < count; ++i) kept.push_back(layers[i].name);
    NACRE_TRY(Network network, means_.quantize(kept));
    NACRE_TRY(const double accuracy, means_.accuracy(network));
    ++evaluations_;
    const bool reaches = accuracy >= options_.reference - options_.acceptable_loss;
    const bool better = reaches ? !best_.reached || kept.size() < best_.kept_float.size()
                                : !best_.reached && accuracy > best_.accuracy;
    if (better || evaluations_ == 1)
      best_ = {std::move(network), accuracy, std::move(kept), 0, reaches};
    return reaches;
  }

  GuardResult Take() && {
    best_.evaluations = evaluations_;
    return std::move(best_);
  }
  const Network& network() const { return best_.network; }

 private:
  const GuardOptions& options_;
  const GuardMeans& means_;
  GuardResult best_;
  int evaluations_ = 0;
};

}  // namespace

std::vector<std::string> QuantizedLayers(const Network& network, const QuantizeOptions& options) {
  std::vector<std::string> layers;
  for (const Weighted& weighted : Place(network, options).weighted) {
    const Node& node = network.nodes[weighted.node];
    layers.push_back(node.name.empty() ? node.outputs.at(0) : node.name);
  }
  return layers;
}

Expected<GuardResult> QuantizeGuarded(const std::vector<std::string>& layers,
                                      const GuardOptions& options, const GuardMeans& means) {
  Guard guard(options, means);
  NACRE_TRY(const bool fine, guard.Reaches({}, 0));
  if (fine || layers.empty()) return std::move(guard).Take();
  std::vector<Layer> order = Harmful(layers, options, means);
  Price(order, guard.network(), means);
  std::stable_sort(order.begin(), order.end(), [](const Layer& a, const Layer& b) {
    return a.harm * b.price > b.harm * a.price;
  });
  size_t misses = 0, reaches = 0;
  for (size_t count = 1; misses < order.size(); count *= 2) {
    count = std::min(count, order.size());
    NACRE_TRY(const bool enough, guard.Reaches(order, count));
    if (enough) {
      reaches = count;
      break;
    }
    misses = count;
  }
  while (reaches > misses + 1) {
    const size_t middle = (misses + reaches) / 2;
    NACRE_TRY(const bool enough, guard.Reaches(order, middle));
    (enough ? reaches : misses) = middle;
  }
  return std::move(guard).Take();
}

}  // namespace nacre
