#include <unordered_map>
#include <unordered_set>

#include "graph/fold.h"

namespace nacre::graph_internal {
namespace {

class Bypass {
 public:
  Bypass(Network& network, const Facts& facts) : network_(network), facts_(facts) {}

  void Run() {
    std::unordered_map<std::string, std::string> alias;
    const auto resolve = [&](std::string name) {
      for (auto it = alias.find(name); it != alias.end(); it = alias.find(name)) name = it->second;
      return name;
    };
    std::unordered_set<std::string> produced;
    std::vector<Node> kept;
    for (Node& node : network_.nodes) {
      if (IsNoOperation(node)) {
        const std::string in = resolve(node.inputs[0]), &out = node.outputs[0];
        if (!network_.IsOutput(out)) {
          alias[out] = in;
          continue;
        }
        if (produced.contains(in) && !network_.IsOutput(in)) {
          alias[in] = out;
          produced.insert(out);
          continue;
        }
      }
      produced.insert(node.outputs.begin(), node.outputs.end());
      kept.push_back(std::move(node));
    }
    for (Node& node : kept) {
      for (std::string& input : node.inputs) input = resolve(input);
      for (std::string& output : node.outputs) output = resolve(output);
    }
    network_.nodes = std::move(kept);
  }

 private:
  bool IsNoOperation(const Node& node) const {
    if (node.opaque() || node.inputs.empty()) return false;
    if (node.op == "Identity") return true;
    if (node.op == "Concat") return node.inputs.size() == 1;
    if (node.op == "Cast") {
      const auto from = facts_.values.find(node.inputs[0]),
                 to = facts_.values.find(node.outputs[0]);
      return from != facts_.values.end() && to != facts_.values.end() &&
             from->second.type == to->second.type;
    }
    if (node.op != "Dropout") return false;
    if (node.outputs.size() > 1 && !node.outputs[1].empty() &&
        (!network_.Consumers(node.outputs[1]).empty() || network_.IsOutput(node.outputs[1]))) {
      return false;
    }
    if (node.inputs.size() < 3 || node.inputs[2].empty()) return true;
    const auto training = KnownContent(network_, facts_, node.inputs[2]);
    return training && training->Known() && training->values.ToInts()[0] == 0;
  }

  Network& network_;
  const Facts& facts_;
};

}  // namespace

void BypassNoOperations(Network& network, const Facts& facts) { Bypass(network, facts).Run(); }

}  // namespace nacre::graph_internal
