#include "graph/sizes.h"

#include <algorithm>
#include <set>

#include "graph/shapes.h"

namespace nacre {
namespace {

// Of one value: a GiB in float. The largest of the zoo's networks, at 1024 x 2048 pixels, is an
// eighth of that.
constexpr int64_t kMostOfValue = int64_t{1} << 28;
// Of all values together. Each is written once and read at least once: some ten seconds of a core.
constexpr int64_t kMostOfAll = int64_t{1} << 33;
// Of all that depends on no input, besides twice the weights: half a GiB in float.
constexpr int64_t kMostConstant = int64_t{1} << 27;

// Not above kMostOfAll + 1.
int64_t ElementsAtMost(const Shape& shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size > kMostOfAll / count) return kMostOfAll + 1;
    if (size > 0) count *= size;
  }
  return count;
}

class Sizes {
 public:
  Sizes(const Network& network, const std::map<std::string, Value>& values)
      : network_(network), values_(values) {
    for (const auto& [name, tensor] : network.initializers) left_constant_ += 2 * tensor.count();
  }

  Expected<void> Check() {
    for (const Value& input : network_.inputs) {
      varying_.insert(input.name);
      NACRE_CHECK_OK(Add(input.name, "input '" + input.name + "'"));
    }
    for (const Node& node : network_.nodes) {
      const bool varies = Varies(node);
      for (const std::string& output : node.outputs) {
        if (output.empty()) continue;
        if (varies) varying_.insert(output);
        NACRE_CHECK_OK(Add(output, node.op + " node '" + node.name + "'"));
      }
    }
    return {};
  }

 private:
  // An opaque node may read values of its surroundings in its body, random ones among them.
  bool Varies(const Node& node) const {
    return node.opaque() || std::any_of(node.inputs.begin(), node.inputs.end(),
                                        [&](const auto& each) { return varying_.contains(each); });
  }

  Expected<void> Add(const std::string& name, const std::string& maker) {
    const auto found = values_.find(name);
    if (found == values_.end()) return {};
    const int64_t elements = ElementsAtMost(found->second.shape);
    if (elements > kMostOfValue) {
      return TooMuch(maker + " makes a value of shape " + ToString(found->second.shape),
                     kMostOfValue);
    }
    left_ -= elements;
    if (left_ < 0) return TooMuch("the values up to " + maker + " are too many", kMostOfAll);
    if (!varying_.contains(name)) left_constant_ -= elements;
    if (left_constant_ < 0) {
      return TooMuch("the constants that are computed up to " + maker + " are too many",
                     kMostConstant);
    }
    return {};
  }

  static tl::unexpected<Error> TooMuch(const std::string& what, int64_t bound) {
    return Fail(ErrorKind::kModel, what + "; nacre works with up to " + std::to_string(bound) +
                                       " elements of one image there; export the model for "
                                       "smaller inputs");
  }

  const Network& network_;
  const std::map<std::string, Value>& values_;
  std::set<std::string> varying_;  // names of values that depend on an input
  int64_t left_ = kMostOfAll, left_constant_ = kMostConstant;
};

}  // namespace

Expected<void> CheckSizes(const Network& network) {
  const auto values = InferShapes(network, 1);
  if (!values) return {};  // whoever needs the shapes says what does not fit
  return Sizes(network, *values).Check();
}

}  // namespace nacre
