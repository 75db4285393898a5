#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "graph/core_parts.h"
#include "graph/operations.h"

namespace nacre::graph_internal {
namespace {

// What turns logits into an answer; the core ends before it.
bool IsVerdict(const Node& node) {
  static const std::set<std::string> kVerdicts = {"Softmax", "LogSoftmax",     "Sigmoid", "ArgMax",
                                                  "Hardmax", "QuantizeLinear", "Cast"};
  return kVerdicts.contains(node.op);
}

bool IsLayout(const Node& node) {
  static const std::set<std::string> kLayouts = {"Identity", "Reshape",         "Flatten",
                                                 "Squeeze",  "Unsqueeze",       "Transpose",
                                                 "Dropout",  "DequantizeLinear"};
  return kLayouts.contains(node.op);
}

// The one size above 1 of [1, classes], [1, classes, 1, 1] or [1, 1, 1, classes]; 0 for others.
int64_t ClassesIn(const Shape& shape) {
  const bool fits = (shape.size() == 2 || shape.size() == 4) && shape[0] == 1;
  if (!fits || (shape.size() == 4 && shape[2] != 1)) return 0;
  int64_t classes = 1;
  for (size_t i = 1; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (classes != 1 || shape[i] < 2) return 0;
    classes = shape[i];
  }
  return classes > 1 ? classes : 0;
}

class EndingFinder {
 public:
  EndingFinder(const Network& network, const Beginning& beginning, const CoreOptions& options)
      : network_(network),
        beginning_(beginning),
        options_(options),
        flow_(network),
        shapes_(KnownShapes(network)) {}

  Expected<Ending> Find() {
    Grow();
    if (options_.heads) {
      BlockBehindWeights();
    } else {
      for (const Value& output : network_.outputs) BlockVerdicts(output.name);
    }
    Grow();
    FindBorder();
    if (!options_.heads) NACRE_CHECK_OK(FindClasses());
    if (ending_.outputs.empty()) return NothingLeft();
    NoteTail();
    return std::move(ending_);
  }

 private:
  bool IsFloat(const Node& node) const {
    return std::all_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& value) {
      const auto found = shapes_.find(value);
      return value.empty() || found == shapes_.end() || found->second.type == DataType::kFloat;
    });
  }

  // Empty when the node can be part of the core.
  std::string Obstacle(const Node& node) const {
    if (node.opaque()) return node.frozen_reason;
    if (!options_.only_trainable) return "";
    if (!TraitsOf(node.op).trainable) return node.op + ": this operation cannot be trained";
    return IsFloat(node) ? "" : node.op + " does not make floats";
  }

  bool DependsOnCoreAlone(const Node& node) const {
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& value) {
      return !flow_.IsData(value) || values_.contains(value);
    });
  }

  // The nodes that the image reaches through nodes of the core alone.
  void Grow() {
    values_ = {beginning_.value};
    ending_.nodes.clear();
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      if (!flow_.IsData(i) || beginning_.nodes.contains(i) || blocked_.contains(i)) continue;
      if (!Obstacle(node).empty() || !DependsOnCoreAlone(node)) continue;
      ending_.nodes.insert(i);
      values_.insert(node.outputs.begin(), node.outputs.end());
    }
  }

  // The one data input of a node; nothing when there are several.
  std::optional<std::string> SoleData(const Node& node) const {
    std::optional<std::string> sole;
    for (const std::string& value : node.inputs) {
      if (!flow_.IsData(value)) continue;
      if (sole) return std::nullopt;
      sole = value;
    }
    return sole;
  }

  // The chain of verdicts and layouts that ends in `output`, last node first.
  std::vector<size_t> Chain(const std::string& output) const {
    std::vector<size_t> chain;
    std::string value = output;
    while (const auto producer = flow_.Producer(value)) {
      const Node& node = network_.nodes[*producer];
      const auto before = SoleData(node);
      if (!before || !node.domain.empty() || !(IsVerdict(node) || IsLayout(node))) break;
      chain.push_back(*producer);
      value = *before;
    }
    return chain;
  }

  // All of the chain from its first verdict on is tail.
  void BlockVerdicts(const std::string& output) {
    const std::vector<size_t> chain = Chain(output);
    const auto first = std::find_if(chain.rbegin(), chain.rend(),
                                    [&](size_t i) { return IsVerdict(network_.nodes[i]); });
    for (auto it = first; it != chain.rend(); ++it) blocked_.insert(*it);
  }

  // Whether the node has weights, so that its work can be made less.
  bool IsWeighted(const Node& node) const {
    static const std::set<std::string> kWeighted = {"Conv",   "ConvTranspose",      "Gemm",
                                                    "MatMul", "BatchNormalization", "PRelu"};
    const bool constants = std::any_of(node.inputs.begin(), node.inputs.end(), [&](const auto& x) {
      return !x.empty() && !flow_.IsData(x);
    });
    return constants && kWeighted.contains(node.op);
  }

  // The bias of a MatMul.
  bool IsBias(const Node& node) const {
    const auto data = SoleData(node);
    const auto producer = data ? flow_.Producer(*data) : std::nullopt;
    return node.op == "Add" && producer && network_.nodes[*producer].op == "MatMul";
  }

  // What leads to no weights any more is tail, unless it only moves answers.
  void BlockBehindWeights() {
    std::set<std::string> wanted;
    for (size_t i = network_.nodes.size(); i-- > 0;) {
      const Node& node = network_.nodes[i];
      if (!flow_.IsData(i)) continue;
      const bool leads = std::any_of(node.outputs.begin(), node.outputs.end(),
                                     [&](const auto& value) { return wanted.contains(value); });
      if (leads || IsWeighted(node) || IsBias(node)) {
        wanted.insert(node.inputs.begin(), node.inputs.end());
      } else if (!IsLayout(node) && node.op != "Concat") {
        blocked_.insert(i);
      }
    }
  }

  // Values of the core that the rest reads or that are outputs, in topological order.
  void FindBorder() {
    std::set<std::string> read;
    for (const Value& output : network_.outputs) read.insert(output.name);
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      if (!flow_.IsLive(i) || ending_.nodes.contains(i)) continue;
      read.insert(network_.nodes[i].inputs.begin(), network_.nodes[i].inputs.end());
    }
    for (const size_t i : ending_.nodes) {
      for (const std::string& value : network_.nodes[i].outputs) {
        if (!value.empty() && read.contains(value)) ending_.outputs.push_back(value);
      }
    }
  }

  // The value of the core that an output of the file is an answer of; nothing when other work lies
  // between, or more than one value goes in.
  std::optional<std::string> RootOf(const std::string& output) const {
    std::string value = output;
    for (const size_t i : Chain(output)) {
      const std::string before = *SoleData(network_.nodes[i]);
      const bool alias = network_.nodes[i].op == "Identity" && network_.IsOutput(before);
      if (values_.contains(value) && !alias) break;
      value = before;
    }
    const bool found =
        std::find(ending_.outputs.begin(), ending_.outputs.end(), value) != ending_.outputs.end();
    return found ? std::optional(value) : std::nullopt;
  }

  int64_t ClassesOf(const std::string& value) const {
    const auto found = shapes_.find(value);
    return found == shapes_.end() ? 0 : ClassesIn(found->second.shape);
  }

  // The roots of all outputs that could classify; with `judged`, only of those that a verdict
  // (Softmax, ArgMax, ...) lies before.
  std::set<std::string> ClassRoots(bool judged) const {
    std::set<std::string> roots;
    for (const Value& output : network_.outputs) {
      if (!options_.output.empty() && output.name != options_.output) continue;
      const auto root = RootOf(output.name);
      if (!root || ClassesOf(*root) == 0) continue;
      const std::vector<size_t> chain = Chain(output.name);
      const bool verdict = std::any_of(chain.begin(), chain.end(),
                                       [&](size_t i) { return IsVerdict(network_.nodes[i]); });
      if (verdict || !judged) roots.insert(*root);
    }
    return roots;
  }

  Expected<void> FindClasses() {
    if (!options_.output.empty() && !network_.IsOutput(options_.output)) {
      return Fail(ErrorKind::kModel, fmt::format("there is no output '{}'; the model has {}",
                                                 options_.output, OutputList()));
    }
    std::set<std::string> roots = ClassRoots(false);
    if (roots.size() > 1 && ClassRoots(true).size() == 1) roots = ClassRoots(true);
    if (roots.empty() && !options_.output.empty()) return NotReached(options_.output);
    if (roots.size() != 1) {
      if (roots.size() > 1) {
        ending_.notes.push_back(
            fmt::format("several outputs could classify: name one by --output; the model has {}",
                        OutputList()));
      }
      return {};
    }
    ending_.classes = ClassesOf(*roots.begin());
    const auto at = std::find(ending_.outputs.begin(), ending_.outputs.end(), *roots.begin());
    std::rotate(ending_.outputs.begin(), at, at + 1);
    return {};
  }

  std::string OutputList() const {
    std::string list;
    for (const Value& output : network_.outputs) {
      list += fmt::format("{}'{}' {} {}", list.empty() ? "" : ", ", output.name,
                          DataTypeName(output.type), ToString(output.shape));
    }
    return list;
  }

  // The first node outside of the core, other than verdicts, and what is wrong with it.
  std::string FirstObstacle() const {
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      if (!flow_.IsData(i) || beginning_.nodes.contains(i) || blocked_.contains(i)) continue;
      const std::string obstacle = Obstacle(node);
      if (!obstacle.empty()) return fmt::format("node '{}' ({})", node.name, obstacle);
    }
    return "";
  }

  Expected<void> NotReached(const std::string& output) const {
    const std::string obstacle = FirstObstacle();
    return Fail(
        ErrorKind::kModel,
        obstacle.empty()
            ? fmt::format("output '{}' is not [N, classes]; the model has {}", output, OutputList())
            : fmt::format("output '{}' lies behind {}, so that it cannot be trained to "
                          "classify; the model has {}",
                          output, obstacle, OutputList()));
  }

  Expected<Ending> NothingLeft() const {
    const std::string obstacle = FirstObstacle();
    return Fail(
        ErrorKind::kModel,
        fmt::format("nothing between input '{}' and the outputs can be worked on{}{}",
                    beginning_.input.name, obstacle.empty() ? "" : ": the first is ", obstacle));
  }

  void NoteTail() {
    size_t left = 0;
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      const bool inside = beginning_.nodes.contains(i) || ending_.nodes.contains(i);
      left += flow_.IsData(i) && !inside ? 1 : 0;
    }
    if (left == 0) return;
    const std::string obstacle = FirstObstacle();
    const std::string operations =
        left == 1 ? "1 operation stays" : fmt::format("{} operations stay", left);
    ending_.notes.push_back(
        obstacle.empty()
            ? fmt::format("behind '{}' {} as in the file", ending_.outputs.front(), operations)
            : fmt::format("{} as in the file, the first because of {}", operations, obstacle));
  }

  const Network& network_;
  const Beginning& beginning_;
  const CoreOptions& options_;
  const Flow flow_;
  const std::map<std::string, Value> shapes_;
  std::set<size_t> blocked_;
  std::set<std::string> values_;  // of the core
  Ending ending_;
};

}  // namespace

Expected<Ending> FindEnding(const Network& network, const Beginning& beginning,
                            const CoreOptions& options) {
  return EndingFinder(network, beginning, options).Find();
}

}  // namespace nacre::graph_internal
