#include "graph/sizes.h"

#include <algorithm>
#include <set>

#include "graph/shapes.h"

namespace nacre {
namespace {

// Guesses, all three. Of one value: a GiB in float, as 64 channels of 2,048 x 2,048 pixels.
constexpr int64_t kMostOfValue = int64_t{1} << 28;
// Of all values together: each is written once and read at least once.
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
  explicit Sizes(const Network& network) : network_(network) {
    for (const auto& [name, tensor] : network.initializers) left_constant_ += 2 * tensor.count();
  }

  Expected<void> CheckInputs() {
    for (const Value& input : network_.inputs) {
      varying_.insert(input.name);
      Shape shape = input.shape;
      if (!shape.empty()) shape[0] = 1;
      NACRE_CHECK_OK(Add(input.name, shape, "input '" + input.name + "'"));
    }
    return {};
  }

  Expected<void> CheckNodes(const std::map<std::string, Value>& values) {
    for (const Node& node : network_.nodes) {
      const bool varies = Varies(node);
      for (const std::string& output : node.outputs) {
        if (varies && !output.empty()) varying_.insert(output);
        const auto found = values.find(output);
        if (output.empty() || found == values.end()) continue;
        NACRE_CHECK_OK(Add(output, found->second.shape, node.op + " node '" + node.name + "'"));
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

  Expected<void> Add(const std::string& name, const Shape& shape, const std::string& maker) {
    const int64_t elements = ElementsAtMost(shape);
    if (elements > kMostOfValue) {
      return TooMuch(maker + " makes a value of shape " + ToString(shape), kMostOfValue);
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
  std::set<std::string> varying_;  // names of values that depend on an input
  int64_t left_ = kMostOfAll, left_constant_ = kMostConstant;
};

}  // namespace

Expected<void> CheckSizes(const Network& network) {
  Sizes sizes(network);
  NACRE_CHECK_OK(sizes.CheckInputs());
  const auto values = InferShapes(network, 1);
  if (!values)
    return {};  // made for another batch; whoever needs the shapes says what does not fit
  return sizes.CheckNodes(*values);
}

}  // namespace nacre
