// Pads that a file leaves to the reader (auto_pad, ceil_mode) are written out where sizes are
// known: engines differ in how they compute them, and agree on numbers.
#include <algorithm>
#include <optional>
#include <set>

#include "graph/fold.h"

namespace nacre::graph_internal {
namespace {

// Sizes along the spatial axes; nothing where one is not known.
std::optional<std::vector<int64_t>> SpatialSizes(const Facts& facts, const std::string& value) {
  const auto found = facts.values.find(value);
  if (found == facts.values.end() || found->second.shape.size() < 3) return {};
  const Shape& shape = found->second.shape;
  std::vector<int64_t> sizes(shape.begin() + 2, shape.end());
  if (std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size < 0; })) return {};
  return sizes;
}

// Elements from the first to the last that the window covers, along each axis.
std::optional<std::vector<int64_t>> Reaches(const Network& network, const Node& node,
                                            size_t spatial) {
  std::vector<int64_t> kernel = node.Ints("kernel_shape");
  if (node.op == "Conv" && kernel.empty()) {
    const Tensor* weight = network.Initializer(node.inputs.at(1));
    if (weight == nullptr || weight->shape().size() != spatial + 2) return {};
    kernel.assign(weight->shape().begin() + 2, weight->shape().end());
  }
  const std::vector<int64_t> dilations = node.Ints("dilations", std::vector<int64_t>(spatial, 1));
  if (kernel.size() != spatial || dilations.size() != spatial) return {};
  for (size_t i = 0; i < spatial; ++i) kernel[i] = dilations[i] * (kernel[i] - 1) + 1;
  return kernel;
}

bool IsWindow(const Node& node) {
  static const std::set<std::string> windows = {"Conv", "MaxPool", "AveragePool", "LpPool"};
  return !node.opaque() && windows.count(node.op) > 0;
}

// Pads before, then behind, as the attribute has them.
struct Pads {
  std::vector<int64_t> all;
  bool more_behind = false;  // than the file says: what ceil_mode adds
  std::string reading;       // where engines differ
};

// One more position of the window would begin behind the image, and so rounding up dropped it.
bool BeginsBehind(int64_t out, int64_t stride, int64_t in, int64_t front) {
  return out * stride >= in + front;
}

Pads PadsOf(const Node& node, const std::vector<int64_t>& in, const std::vector<int64_t>& out,
            const std::vector<int64_t>& reach) {
  const size_t spatial = in.size();
  const std::string automatic = node.String("auto_pad", "NOTSET");
  const std::vector<int64_t> strides = node.Ints("strides", std::vector<int64_t>(spatial, 1));
  Pads pads{std::vector<int64_t>(2 * spatial, 0)};
  if (automatic == "NOTSET" || automatic.empty()) pads.all = node.Ints("pads", pads.all);
  for (size_t i = 0; i < spatial; ++i) {
    int64_t &front = pads.all[i], &back = pads.all[i + spatial];
    const int64_t needed = (out[i] - 1) * strides[i] + reach[i] - in[i];
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const int64_t total = std::max<int64_t>(0, needed);
      if (needed < 0) {
        pads.reading =
            "SAME padding of a kernel smaller than its stride is none, as ONNX says "
            "(ONNX Runtime cuts the image)";
      }
      front = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      back = total - front;
    } else if (needed - front > back) {
      back = needed - front;
      pads.more_behind = true;
    } else if (node.Int("ceil_mode", 0) != 0 && BeginsBehind(out[i], strides[i], in[i], front)) {
      pads.reading =
          "with ceil_mode a window that would begin in the padding behind the image is "
          "left out, as in PyTorch and ONNX Runtime (OpenVINO adds it)";
    }
  }
  return pads;
}

}  // namespace

void MakePadsExplicit(Network& network, const Facts& facts) {
  for (Node& node : network.nodes) {
    if (!IsWindow(node)) continue;
    const std::string automatic = node.String("auto_pad", "NOTSET");
    const bool chosen = automatic != "NOTSET" && !automatic.empty();
    if (!chosen && node.Int("ceil_mode", 0) == 0) continue;
    const auto in = SpatialSizes(facts, node.inputs[0]), out = SpatialSizes(facts, node.outputs[0]);
    if (!in || !out || in->size() != out->size()) continue;
    const auto reach = Reaches(network, node, in->size());
    if (!reach) continue;
    const Pads pads = PadsOf(node, *in, *out, *reach);
    // What ceil_mode adds does not count in an average, and pads that are counted do.
    const bool counted = node.Int("count_include_pad", 0) != 0;
    if (counted && (pads.more_behind || automatic.starts_with("SAME"))) continue;
    node.attributes.erase("auto_pad");
    node.attributes.erase("ceil_mode");
    node.attributes["pads"] = pads.all;
    if (pads.reading.empty()) continue;
    const auto known = std::find(network.readings.begin(), network.readings.end(), pads.reading);
    if (known == network.readings.end()) network.readings.push_back(pads.reading);
  }
}

}  // namespace nacre::graph_internal
