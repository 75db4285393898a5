#include "quantize/guard.h"

#include <algorithm>
#include <utility>

#include "quantize/placement.h"

namespace nacre {

using namespace quantize_internal;

namespace {

struct JudgedLayer {
  std::string name;
  double harm = 0, price = priors::kLeastLayerPrice;
};

std::vector<std::string> AllBut(const std::vector<std::string>& layers, const std::string& one) {
  std::vector<std::string> others;
  std::copy_if(layers.begin(), layers.end(), std::back_inserter(others),
               [&](const auto& each) { return each != one; });
  return others;
}

// The most harmful layers, most harm first.
std::vector<JudgedLayer> RankByHarm(const std::vector<std::string>& layers,
                                    const GuardOptions& options, const GuardCallbacks& callbacks) {
  std::vector<JudgedLayer> ranked;
  for (const std::string& layer : layers) {
    if (options.more_time && !options.more_time()) break;
    const auto network = callbacks.quantize_quickly(AllBut(layers, layer));
    if (!network) continue;
    const auto divergence = callbacks.divergence(*network);
    if (divergence) ranked.push_back({layer, *divergence});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.harm > b.harm; });
  const auto most = static_cast<size_t>(options.most_layers);
  if (ranked.size() > most) ranked.resize(most);
  return ranked;
}

// Measures all prices against the network with every layer quantised.
void MeasurePrices(std::vector<JudgedLayer>& layers, const Network& quantized,
                   const GuardCallbacks& callbacks) {
  std::vector<Network> networks(1);
  if (auto all = callbacks.quantize_quickly({})) {
    networks[0] = std::move(*all);
  } else {
    networks[0] = quantized;
  }
  std::vector<JudgedLayer*> measured;
  for (JudgedLayer& layer : layers) {
    auto network = callbacks.quantize_quickly({layer.name});
    if (!network) continue;
    networks.push_back(std::move(*network));
    measured.push_back(&layer);
  }
  const auto latencies = callbacks.latency(networks);
  if (latencies.size() != networks.size() || !latencies[0]) return;
  for (size_t k = 0; k < measured.size(); ++k) {
    if (latencies[k + 1])
      measured[k]->price =
          std::max<double>(priors::kLeastLayerPrice, *latencies[k + 1] - *latencies[0]);
  }
}

class Guard {
 public:
  Guard(const GuardOptions& options, const GuardCallbacks& callbacks)
      : options_(options), callbacks_(callbacks) {}

  // Whether the loss is acceptable with the first `count` of the layers in float. Remembers the
  // best network.
  Expected<bool> Reaches(const std::vector<JudgedLayer>& layers, size_t count) {
    std::vector<std::string> kept;
    for (size_t i = 0; i < count; ++i) kept.push_back(layers[i].name);
    NACRE_TRY(Network network, callbacks_.quantize(kept));
    NACRE_TRY(const double accuracy, callbacks_.accuracy(network));
    ++evaluations_;
    const bool reaches = accuracy >= options_.reference - options_.acceptable_loss;
    if (evaluations_ == 1 || IsBetter(reaches, accuracy, kept.size()))
      best_ = {std::move(network), accuracy, std::move(kept), 0, reaches};
    return reaches;
  }

  // The fewest of the layers that reach, as far as doubling and bisection show.
  Expected<void> Search(const std::vector<JudgedLayer>& layers) {
    size_t misses = 0;
    size_t reaches = 0;
    for (size_t count = 1; reaches == 0 && misses < layers.size() && IsTime(); count *= 2) {
      count = std::min(count, layers.size());
      NACRE_TRY(const bool enough, Reaches(layers, count));
      if (enough) {
        reaches = count;
      } else {
        misses = count;
      }
    }
    while (reaches > misses + 1 && IsTime()) {
      const size_t middle = (misses + reaches) / 2;
      NACRE_TRY(const bool enough, Reaches(layers, middle));
      if (enough) {
        reaches = middle;
      } else {
        misses = middle;
      }
    }
    return {};
  }

  GuardResult Result() && {
    best_.evaluations = evaluations_;
    return std::move(best_);
  }
  const Network& network() const { return best_.network; }

 private:
  bool IsTime() const { return !options_.more_time || options_.more_time(); }

  // Than the best so far: of those that reach, fewer layers in float count; of others, accuracy.
  bool IsBetter(bool reaches, double accuracy, size_t kept) const {
    if (reaches) return !best_.reached || kept < best_.kept_float.size();
    return !best_.reached && accuracy > best_.accuracy;
  }

  const GuardOptions& options_;
  const GuardCallbacks& callbacks_;
  GuardResult best_;
  int evaluations_ = 0;
};

}  // namespace

std::vector<std::string> QuantizedLayers(const Network& network, const QuantizeOptions& options) {
  std::vector<std::string> layers;
  for (const WeightedNode& weighted : Place(network, options).weighted) {
    const Node& node = network.nodes[weighted.node];
    layers.push_back(node.name.empty() ? node.outputs.at(0) : node.name);
  }
  return layers;
}

Expected<GuardResult> QuantizeGuarded(const std::vector<std::string>& layers,
                                      const GuardOptions& options,
                                      const GuardCallbacks& callbacks) {
  Guard guard(options, callbacks);
  NACRE_TRY(const bool fine, guard.Reaches({}, 0));
  if (fine || layers.empty()) return std::move(guard).Result();
  std::vector<JudgedLayer> order = RankByHarm(layers, options, callbacks);
  MeasurePrices(order, guard.network(), callbacks);
  // Harm over price, without dividing.
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.harm * b.price > b.harm * a.price;
  });
  NACRE_CHECK_OK(guard.Search(order));
  return std::move(guard).Result();
}

}  // namespace nacre
