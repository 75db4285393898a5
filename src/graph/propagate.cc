#include "graph/propagate.h"

#include <stdexcept>

#include "graph/constants.h"

namespace nacre {
namespace {

class Walk {
 public:
  Walk(const Network& network, const PropagateOptions& options)
      : network_(network), options_(options) {}

  Expected<Facts> Run() {
    SeedInputs();
    for (const auto& [name, tensor] : network_.initializers) {
      facts_.values[name] = {name, tensor.type(), tensor.shape()};
    }
    for (const Node& node : network_.nodes) {
      if (node.opaque()) {
        TrustDeclared(node);
      } else if (auto done = Visit(node); !done) {
        return Fail(ErrorKind::kModel, node.op + " node '" + node.name + "' of '" + network_.name +
                                           "': " + done.error().message +
                                           "; check the model with onnx.checker");
      }
    }
    return std::move(facts_);
  }

 private:
  void SeedInputs() {
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
  void TrustDeclared(const Node& node) {
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

  Expected<void> Visit(const Node& node) {
    const RuleEntry* entry = FindShapeRule(node.op);
    if (entry == nullptr || !node.domain.empty()) return Unfit("the operation is not understood");
    if (node.outputs.empty()) return Unfit("it has no output");
    NodeView view(node);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& input = node.inputs[i];
      view.inputs.push_back(nullptr);
      view.contents.emplace_back();
      if (input.empty()) {
        if (i < entry->min_inputs) return Unfit("input " + std::to_string(i) + " is missing");
        continue;
      }
      const auto known = facts_.values.find(input);
      if (known == facts_.values.end()) return {};
      view.inputs.back() = &known->second;
      if (const Tensor* tensor = network_.Initializer(input)) {
        view.contents.back() = Content{*tensor, {}};
      } else if (auto found = facts_.contents.find(input); found != facts_.contents.end()) {
        view.contents.back() = found->second;
      }
    }
    if (view.inputs.size() < entry->min_inputs) return Unfit("too few inputs");
    try {
      return Apply(view, *entry);
    } catch (const std::logic_error& broken) {
      return Unfit(broken.what());
    }
  }

  Expected<void> Apply(const NodeView& view, const RuleEntry& entry) {
    NACRE_TRY(std::vector<Value> outputs, entry.rule(view));
    const std::vector<std::string>& names = view.node.outputs;
    std::vector<Content> contents = Evaluate(view, outputs, options_.max_elements);
    for (size_t i = 0; i < outputs.size() && i < names.size(); ++i) {
      if (names[i].empty()) continue;
      outputs[i].name = names[i];
      if (i < contents.size()) facts_.contents[names[i]] = std::move(contents[i]);
      facts_.values[names[i]] = std::move(outputs[i]);
    }
    return {};
  }

  const Network& network_;
  const PropagateOptions options_;
  Facts facts_;
};

}  // namespace

Expected<Facts> Propagate(const Network& network, const PropagateOptions& options) {
  return Walk(network, options).Run();
}

}  // namespace nacre
