#include "graph/propagate.h"

#include <algorithm>

#include "graph/constants.h"

namespace nacre::graph_internal {
namespace {

constexpr int64_t kMostHeld = int64_t{1} << 23, kMostLooked = int64_t{1} << 28;

// Elements that are read to compute the node. Of shapes, nothing is read but their sizes.
int64_t Looked(const NodeView& view) {
  int64_t looked = 0;
  for (const auto& content : view.contents) looked += content ? content->values.count() : 0;
  return looked;
}

// Reshape and its like hand on the bytes that they are given.
bool IsShared(const NodeView& view, const Content& content) {
  if (content.values.is_deferred()) return true;
  const auto bytes = content.values.bytes();
  return std::any_of(view.contents.begin(), view.contents.end(), [&](const auto& given) {
    return given && !bytes.empty() && !given->values.is_deferred() &&
           given->values.bytes().data() == bytes.data();
  });
}

Expected<void> CheckEnds(const Node& node, const RuleEntry& entry) {
  if (node.outputs.empty()) return Unfit("it has no output");
  if (node.inputs.size() < entry.min_inputs) return Unfit("too few inputs");
  for (size_t i = 0; i < entry.min_inputs; ++i) {
    if (node.inputs[i].empty()) return MissingInput(i);
  }
  return {};
}

}  // namespace

Allowance::Allowance(const Network& network) {
  int64_t given = 0;
  for (const auto& [name, tensor] : network.initializers) given += tensor.count();
  held = 2 * given + kMostHeld;
  looked = 16 * given + kMostLooked;
}

Propagation::Propagation(const Network& network, const PropagateOptions& options)
    : network_(network), options_(options), left_(network) {
  SeedInputs();
  for (const auto& [name, tensor] : network_.initializers) {
    facts_.values[name] = {name, tensor.type(), tensor.shape()};
  }
}

void Propagation::SeedInputs() {
  int64_t next_name = kBatchName - 1;
  for (const Value& input : network_.inputs) {
    Value value = input;
    for (size_t d = 0; d < value.shape.size(); ++d) {
      if (d == 0 && options_.batch != kDynamic) value.shape[0] = options_.batch;
      if (value.shape[d] < 0) value.shape[d] = d == 0 ? kBatchName : next_name--;
    }
    facts_.values[input.name] = std::move(value);
  }
}

// Outputs of an opaque node are known only where the network declares them.
void Propagation::TrustDeclared(const Node& node) {
  for (const std::string& output : node.outputs) {
    for (const Value& declared : network_.outputs) {
      if (declared.name != output || output.empty()) continue;
      Value value = declared;
      if (!value.shape.empty() && value.shape[0] < 0 && options_.batch != kDynamic) {
        value.shape[0] = options_.batch;
      }
      facts_.values[output] = std::move(value);
    }
  }
}

Expected<void> Propagation::Visit(const Node& node) {
  if (node.opaque()) {
    TrustDeclared(node);
    return {};
  }
  const RuleEntry* entry = node.domain.empty() ? FindShapeRule(node.op) : nullptr;
  if (entry == nullptr) return Unfit("the operation is not understood");
  NACRE_CHECK_OK(CheckEnds(node, *entry));
  NodeView view(node);
  for (const std::string& input : node.inputs) {
    if (!AddInput(view, input)) return {};  // nothing is known behind it
  }
  return Apply(view, *entry);
}

void Propagation::Add(const std::string& initializer) {
  const Tensor& tensor = network_.initializers.at(initializer);
  facts_.values[initializer] = {initializer, tensor.type(), tensor.shape()};
}

const Shape* Propagation::ShapeOf(const std::string& value) const {
  const auto found = facts_.values.find(value);
  return found == facts_.values.end() ? nullptr : &found->second.shape;
}

// False when nothing is known of the value.
bool Propagation::AddInput(NodeView& view, const std::string& input) {
  view.inputs.push_back(nullptr);
  view.contents.emplace_back();
  if (input.empty()) return true;
  auto value = facts_.values.find(input);
  if (value == facts_.values.end()) {
    if (network_.Initializer(input) == nullptr) return false;
    Add(input);
    value = facts_.values.find(input);
  }
  view.inputs.back() = &value->second;
  view.contents.back() = KnownContent(network_, facts_, input);
  return true;
}

int64_t Propagation::Allowed(const NodeView& view) const {
  const int64_t looked = left_.looked - Looked(view);
  return std::min({options_.max_elements, left_.held, looked});
}

void Propagation::Spend(const NodeView& view, const std::vector<Content>& contents) {
  if (contents.empty()) return;
  left_.looked -= Looked(view);
  for (const Content& content : contents) {
    if (IsShared(view, content)) continue;
    left_.held -= content.values.count();
    left_.looked -= content.values.count();
  }
}

Expected<void> Propagation::Apply(const NodeView& view, const RuleEntry& entry) {
  NACRE_TRY(std::vector<Value> outputs, entry.rule(view));
  NACRE_TRY(std::vector<Content> contents, Evaluate(view, outputs, Allowed(view)));
  Spend(view, contents);
  const std::vector<std::string>& names = view.node.outputs;
  for (size_t i = 0; i < outputs.size() && i < names.size(); ++i) {
    if (names[i].empty()) continue;
    outputs[i].name = names[i];
    if (i < contents.size()) facts_.contents[names[i]] = std::move(contents[i]);
    facts_.values[names[i]] = std::move(outputs[i]);
  }
  return {};
}

std::optional<Content> KnownContent(const Network& network, const Facts& facts,
                                    const std::string& value) {
  if (const Tensor* tensor = network.Initializer(value)) return Content{*tensor, {}};
  const auto found = facts.contents.find(value);
  if (found == facts.contents.end()) return std::nullopt;
  return found->second;
}

Expected<Facts> Propagate(const Network& network, const PropagateOptions& options) {
  Propagation propagation(network, options);
  for (const Node& node : network.nodes) {
    if (auto done = propagation.Visit(node); !done) {
      return Fail(ErrorKind::kModel, node.op + " node '" + node.name + "' of '" + network.name +
                                         "': " + done.error().message +
                                         "; check the model with onnx.checker");
    }
  }
  return std::move(propagation).Take();
}

}  // namespace nacre::graph_internal
