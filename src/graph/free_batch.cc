// The batch is found by looking at every shape twice: at the file's batch, and at several times
// that.
#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "graph/fold.h"
#include "graph/fresh_names.h"

namespace nacre::graph_internal {
namespace {

// How many times the file's batch is looked at: a number that no layer has by chance.
constexpr int64_t kTimes = 1009;

bool IsStatic(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](int64_t size) { return size >= 0; });
}

// The same value at the file's batch and at kTimes that.
struct Pair {
  Shape once, often;

  // The axis along which the items of a batch lie; nothing when there is none, or more than one.
  std::optional<size_t> BatchAxis() const {
    std::optional<size_t> axis;
    if (once.size() != often.size()) return std::nullopt;
    for (size_t i = 0; i < once.size(); ++i) {
      if (once[i] == often[i]) continue;
      if (axis || once[i] < 0 || often[i] != kTimes * once[i]) return std::nullopt;
      axis = i;
    }
    return axis;
  }
};

class BatchWalk {
 public:
  BatchWalk(Network& network, int64_t batch)
      : network_(network),
        once_(network, {.batch = batch}),
        often_(network, {.batch = kTimes * batch}),
        names_(network),
        batch_(batch) {}

  // Stops freeing at the first node that does not fit the larger batch.
  void Run() {
    bool fits = true;
    std::vector<Node> nodes = std::move(network_.nodes);
    network_.nodes.clear();
    for (Node& node : nodes) {
      fits = fits && Free(node);
      network_.nodes.push_back(std::move(node));
    }
  }

 private:
  bool Free(Node& node) {
    if (!once_.Visit(node)) return false;
    if (!node.opaque()) Change(node);
    return static_cast<bool>(often_.Visit(node));
  }

  void Change(Node& node) {
    if (node.op == "Reshape") FreeReshape(node);
    if (node.op == "Flatten") FreeFlatten(node);
    if (node.op == "Slice") FreeSlice(node);
    if (node.op == "Concat") FreeConcat(node);
  }

  // Nothing where a shape is not known.
  std::optional<Pair> PairOf(const std::string& value) const {
    const Shape *once = once_.ShapeOf(value), *often = often_.ShapeOf(value);
    if (once == nullptr || often == nullptr) return std::nullopt;
    return Pair{*once, *often};
  }

  std::string AddInitializer(const std::string& stem, Tensor value) {
    const std::string name = names_.Make(stem);
    network_.initializers[name] = std::move(value);
    once_.Add(name);
    often_.Add(name);
    return name;
  }

  std::string AddInts(const std::string& stem, const std::vector<int64_t>& values) {
    return AddInitializer(stem, Tensor::Ints({static_cast<int64_t>(values.size())}, values));
  }

  // Adds a node in front of the one that is changed.
  std::string AddNode(const std::string& op, std::vector<std::string> inputs,
                      const std::string& stem, std::map<std::string, Attribute> attributes = {}) {
    const std::string name = names_.Make(stem);
    Node node{.name = name, .op = op, .inputs = std::move(inputs), .outputs = {name}};
    node.attributes = std::move(attributes);
    (void)once_.Visit(node);
    (void)often_.Visit(node);
    network_.nodes.push_back(std::move(node));
    return name;
  }

  // Where the items of a batch must lie in the output `out`, given that they are the outermost
  // factor of axis `axis` of `x`, and that elements keep their order.
  static std::optional<size_t> TargetAxis(const Shape& x, size_t axis, const Shape& out) {
    const int64_t before = Product(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(axis));
    std::optional<size_t> found;
    int64_t product = 1;
    for (size_t j = 0; j < out.size(); product *= out[j++]) {
      if (product != before) continue;
      if (j == axis && out[j] == x[axis]) return j;
      if (!found) found = j;
    }
    return found;
  }

  // A target that says the same at the file's batch, and lets the batch through.
  void FreeReshape(Node& node) {
    const Tensor* target = network_.Initializer(node.inputs[1]);
    const auto x = PairOf(node.inputs[0]);
    const Shape* out = once_.ShapeOf(node.outputs[0]);
    if (target == nullptr || !x || out == nullptr || !IsStatic(x->once) || !IsStatic(*out)) return;
    const auto axis = x->BatchAxis();
    if (!axis || Product(*out) <= 0) return;
    const auto to = TargetAxis(x->once, *axis, *out);
    if (!to) return;
    const int64_t rows = x->once[*axis];
    if (rows % batch_ != 0 || (*out)[*to] % batch_ != 0) return;
    Shape wanted = *out;
    wanted[*to] *= kTimes;
    if (often_.Visit(node) && *often_.ShapeOf(node.outputs[0]) == wanted) return;
    std::vector<int64_t> entries = *out;
    entries[*to] = *to == *axis && (*out)[*to] == rows ? 0 : -1;
    node.inputs[1] = AddInts(node.outputs[0] + "/shape", entries);
    node.attributes.erase("allowzero");
  }

  // Everything into one row is one row an item.
  void FreeFlatten(Node& node) {
    const auto x = PairOf(node.inputs[0]);
    if (!x || x->BatchAxis() != size_t{0} || x->once[0] != 1) return;
    if (node.Int("axis", 1) == 0) node.attributes["axis"] = int64_t{1};
  }

  // All items of the file's batch are all items.
  void FreeSlice(Node& node) {
    const auto x = PairOf(node.inputs[0]);
    const Shape* out = once_.ShapeOf(node.outputs[0]);
    const Tensor* ends = network_.Initializer(node.inputs[2]);
    const auto axes = SlicedAxes(node);
    if (!x || out == nullptr || ends == nullptr || !axes) return;
    const auto batch = x->BatchAxis();
    if (!batch || (*out)[*batch] != x->once[*batch]) return;
    std::vector<int64_t> all = ends->ToInts();
    for (size_t i = 0; i < all.size() && i < axes->size(); ++i) {
      const Expected<int64_t> along = Axis((*axes)[i], x->once.size());
      const bool of_batch = along && *along == static_cast<int64_t>(*batch);
      if (of_batch && all[i] >= x->once[*batch]) all[i] = std::numeric_limits<int64_t>::max();
    }
    if (all != ends->ToInts()) node.inputs[2] = AddInts(node.outputs[0] + "/ends", all);
  }

  // The axes that a Slice cuts; nothing where they are computed.
  std::optional<std::vector<int64_t>> SlicedAxes(const Node& node) const {
    if (node.inputs.size() > 3 && !node.inputs[3].empty()) {
      const Tensor* axes = network_.Initializer(node.inputs[3]);
      return axes == nullptr ? std::nullopt : std::optional(axes->ToInts());
    }
    const Tensor* ends = network_.Initializer(node.inputs[2]);
    std::vector<int64_t> axes(ends == nullptr ? 0 : static_cast<size_t>(ends->count()));
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
  }

  // What is the same for every item is repeated for each.
  void FreeConcat(Node& node) {
    const auto axis = BatchAxisOfAny(node);
    const Shape* out = once_.ShapeOf(node.outputs[0]);
    if (!axis || out == nullptr) return;
    const Expected<int64_t> along = Axis(node.Int("axis", 0), out->size());
    if (!along || *along == static_cast<int64_t>(*axis)) return;
    if (BecomesPad(node, static_cast<size_t>(*along))) return;
    const std::string data =
        *std::find_if(node.inputs.begin(), node.inputs.end(),
                      [&](const std::string& input) { return !IsFixed(input, *axis); });
    for (std::string& input : node.inputs) {
      if (IsFixed(input, *axis)) input = Repeated(input, data, *axis, node.outputs[0]);
    }
  }

  std::optional<size_t> BatchAxisOfAny(const Node& node) const {
    for (const std::string& input : node.inputs) {
      const auto pair = PairOf(input);
      if (const auto axis = pair ? pair->BatchAxis() : std::nullopt) return axis;
    }
    return std::nullopt;
  }

  // Has the file's batch along an axis, at every batch.
  bool IsFixed(const std::string& value, size_t axis) const {
    const auto pair = PairOf(value);
    return pair && pair->once == pair->often && axis < pair->once.size() &&
           pair->once[axis] == batch_;
  }

  // The one number that an initializer repeats.
  std::optional<float> Filling(const std::string& value) const {
    const Tensor* tensor = network_.Initializer(value);
    if (tensor == nullptr || tensor->type() != DataType::kFloat || tensor->count() == 0) {
      return std::nullopt;
    }
    const std::span<const float> numbers = tensor->floats();
    const bool same = std::all_of(numbers.begin(), numbers.end(),
                                  [&](float number) { return number == numbers[0]; });
    return same ? std::optional(numbers[0]) : std::nullopt;
  }

  // Data joined to a constant of equal numbers, in front or behind, is padded data.
  bool BecomesPad(Node& node, size_t along) {
    if (node.inputs.size() != 2) return false;
    for (const size_t data : {size_t{0}, size_t{1}}) {
      const std::string x = node.inputs[data], constant = node.inputs[1 - data];
      const auto filling = Filling(constant);
      const auto pair = PairOf(x);
      if (!filling || !pair || pair->BatchAxis() != size_t{0}) continue;
      const size_t rank = pair->once.size();
      std::vector<int64_t> pads(2 * rank, 0);
      pads[data == 0 ? rank + along : along] = network_.Initializer(constant)->shape()[along];
      node.op = "Pad";
      node.attributes = {{"mode", std::string("constant")}};
      node.inputs = {x, AddInts(node.outputs[0] + "/pads", pads),
                     AddInitializer(node.outputs[0] + "/filling", Tensor::Scalar(*filling))};
      return true;
    }
    return false;
  }

  // `value` as often along `axis` as `data` has items.
  std::string Repeated(const std::string& value, const std::string& data, size_t axis,
                       const std::string& stem) {
    const std::string shape = AddNode("Shape", {data}, stem + "/whole");
    const auto at = static_cast<int64_t>(axis);
    const std::string items =
        AddNode("Slice", {shape, AddInts(stem + "/from", {at}), AddInts(stem + "/to", {at + 1})},
                stem + "/items");
    Shape rest = *once_.ShapeOf(value);
    std::vector<std::string> parts;
    if (axis > 0)
      parts.push_back(AddInts(stem + "/before", Shape(rest.begin(), rest.begin() + at)));
    parts.push_back(items);
    if (axis + 1 < rest.size()) {
      parts.push_back(AddInts(stem + "/after", Shape(rest.begin() + at + 1, rest.end())));
    }
    const std::string target =
        AddNode("Concat", parts, stem + "/repeated_shape", {{"axis", int64_t{0}}});
    return AddNode("Expand", {value, target}, stem + "/repeated");
  }

  Network& network_;
  Propagation once_, often_;
  FreshNames names_;
  const int64_t batch_;
};

}  // namespace

void FreeBatch(Network& network) {
  if (network.inputs.empty() || network.inputs[0].shape.empty()) return;
  const int64_t declared = network.inputs[0].shape[0];
  if (declared == 0) return;
  BatchWalk(network, declared < 0 ? 1 : declared).Run();
}

}  // namespace nacre::graph_internal
