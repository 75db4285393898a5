// A Gather whose constant indices count every position of its axis in order moves nothing: it is a
// Reshape, which lets a batch through. torch's newer exporter writes as_strided so (Reshape to one
// axis, then Gather with the numbers of all elements in their new shape).
#include <algorithm>
#include <optional>

#include "graph/fold.h"

namespace nacre::graph_internal {
namespace {

// 0, 1, ..., size - 1. One index alone may be meant as "the first", and is not taken.
bool CountsAll(const Tensor& indices, int64_t size) {
  if (indices.count() != size || size < 2) return false;
  const std::vector<int64_t> numbers = indices.ToInts();
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

// The target of the Reshape: what lies in front of the axis is copied from the input. Nothing where
// more than one size behind it is not known.
std::optional<std::vector<int64_t>> TargetOf(const Shape& x, size_t axis, const Shape& indices) {
  std::vector<int64_t> target(axis, 0);
  target.insert(target.end(), indices.begin(), indices.end());
  for (size_t i = axis + 1; i < x.size(); ++i) {
    if (x[i] == 0) return std::nullopt;
    target.push_back(std::max<int64_t>(x[i], -1));
  }
  if (std::count(target.begin(), target.end(), -1) > 1) return std::nullopt;
  return target;
}

class Rewriter {
 public:
  Rewriter(Network& network, const Facts& facts) : network_(network), facts_(facts) {}

  void Run() {
    for (Node& node : network_.nodes) {
      if (!node.opaque() && node.op == "Gather") Rewrite(node);
    }
  }

 private:
  void Rewrite(Node& node) {
    const auto x = facts_.values.find(node.inputs[0]);
    const Tensor* indices = network_.Initializer(node.inputs[1]);
    if (x == facts_.values.end() || indices == nullptr) return;
    const Shape& shape = x->second.shape;
    const Expected<int64_t> axis = Axis(node.Int("axis", 0), shape.size());
    if (!axis || !CountsAll(*indices, shape[static_cast<size_t>(*axis)])) return;
    const auto target = TargetOf(shape, static_cast<size_t>(*axis), indices->shape());
    if (!target) return;
    const std::string name = network_.FreshName(node.outputs[0] + "/shape");
    network_.initializers[name] = Tensor::Ints({static_cast<int64_t>(target->size())}, *target);
    node.op = "Reshape";
    node.inputs = {node.inputs[0], name};
    node.attributes.clear();
  }

  Network& network_;
  const Facts& facts_;
};

}  // namespace

void RewriteWholeGathers(Network& network, const Facts& facts) { Rewriter(network, facts).Run(); }

}  // namespace nacre::graph_internal
