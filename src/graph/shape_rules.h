// One rule per operation gives types and shapes of a node's outputs.
// Private to graph/.
//
// A negative dimension is not known. -1 says nothing more; -2, -3, ... are names: equal names are
// equal sizes (the batch is kBatchName everywhere). Rules copy names through and answer -1 where a
// name would enter arithmetic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre::graph_internal {

constexpr int64_t kBatchName = -2;
// Steps of a Slice beyond this are cut to it: longer than any axis, short enough to multiply.
constexpr int64_t kLongestStep = int64_t{1} << 31;
// A value with more axes than this is refused: no model has one, and memory is reserved per axis.
constexpr int64_t kMostAxes = 64;

// What is known of a value's numbers before run time.
struct Content {
  Tensor values;
  // Empty, or per element: 0 where `values` holds, else a negative dimension as above.
  std::vector<int64_t> names;

  bool Known() const;
  int64_t NameAt(int64_t index) const {
    return names.empty() ? 0 : names[static_cast<size_t>(index)];
  }
  // The numbers as dimensions: names take the places of what is not known.
  Shape AsShape() const;
};

// A node as a rule sees it. Optional inputs that are not given have no value.
class NodeView {
 public:
  explicit NodeView(const Node& viewed) : node(viewed) {}

  const Node& node;
  std::vector<const Value*> inputs;
  std::vector<std::optional<Content>> contents;  // aligned with `inputs`

  bool Has(size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  // Throw std::logic_error where the input is not given. Rules may read as many as RuleEntry says
  // without asking Has.
  const Shape& ShapeOf(size_t i) const { return Given(i).shape; }
  DataType TypeOf(size_t i) const { return Given(i).type; }
  const Content* ContentOf(size_t i) const;
  // The numbers of an integer input when all are known.
  std::optional<std::vector<int64_t>> KnownInts(size_t i) const;

  // Attributes. Errors: the attribute has another type.
  Expected<int64_t> Int(const std::string& key, int64_t otherwise) const;
  Expected<bool> Flag(const std::string& key, bool otherwise) const;
  Expected<std::string> String(const std::string& key, const std::string& otherwise) const;
  Expected<std::vector<int64_t>> Ints(const std::string& key,
                                      std::vector<int64_t> otherwise = {}) const;

 private:
  const Value& Given(size_t i) const;
};

// One value per output (names are filled in by the caller), fewer when trailing ones are unknown;
// none at all when nothing can be said. Errors say what does not fit; the caller adds the node.
using Outputs = Expected<std::vector<Value>>;
using ShapeRule = Outputs (*)(const NodeView&);
// Settings of a node that its rule does not follow are an error, which is the reason for freezing
// the node. The view has no inputs: it is asked before anything is known of them.
using SettingsCheck = Expected<void> (*)(const NodeView&);

struct RuleEntry {
  const char* op;
  size_t min_inputs;
  ShapeRule rule;
  SettingsCheck check = nullptr;  // null: the rule follows all settings
};

// The families, one file each.
std::vector<RuleEntry> ElementwiseRules();
std::vector<RuleEntry> WindowRules();
std::vector<RuleEntry> LayoutRules();
std::vector<RuleEntry> SelectionRules();
std::vector<RuleEntry> MatrixRules();
std::vector<RuleEntry> ConstantRules();
std::vector<RuleEntry> NormRules();
std::vector<RuleEntry> ReduceRules();
std::vector<RuleEntry> ResizeRules();

// All rules, by operation.
const std::map<std::string, RuleEntry>& ShapeRules();
// Null for an operation that is not understood.
const RuleEntry* FindShapeRule(const std::string& op);

// Shared by the families.
inline Outputs Single(DataType type, Shape shape) {
  return std::vector<Value>{Value{"", type, std::move(shape)}};
}
inline Outputs NothingKnown() { return std::vector<Value>{}; }
inline tl::unexpected<Error> Unfit(std::string what) {
  return Fail(ErrorKind::kModel, std::move(what));
}
// A required input that is not given.
tl::unexpected<Error> MissingInput(size_t i);
// Multidirectional broadcasting; an error when static dimensions clash.
Expected<Shape> Broadcast(const Shape& a, const Shape& b);
// Axis in [0, rank), or an error.
Expected<int64_t> Axis(int64_t axis, size_t rank);
// Attribute `axis` of a node, as an axis in [0, rank).
Expected<size_t> AxisAttribute(const NodeView& view, int64_t otherwise, size_t rank);
Expected<std::vector<int64_t>> AxisList(const std::vector<int64_t>& axes, size_t rank);
bool Contains(const std::vector<int64_t>& axes, size_t axis);
// Product of dimensions: a number, the one name among ones, or -1.
int64_t Product(Shape::const_iterator begin, Shape::const_iterator end);
inline int64_t Product(const Shape& shape) { return Product(shape.begin(), shape.end()); }
// Whether two dimensions can be equal at run time.
inline bool MayEqual(int64_t a, int64_t b) { return a < 0 || b < 0 || a == b; }

}  // namespace nacre::graph_internal
