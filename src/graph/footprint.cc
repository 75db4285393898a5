#include "graph/footprint.h"

#include <algorithm>
#include <set>

#include "graph/operations.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

bool WorksInPlace(const Node& node) { return !node.opaque() && TraitsOf(node.op).in_place; }

class Liveness {
 public:
  Liveness(const Network& network, const std::map<std::string, Value>& values)
      : network_(network), values_(values) {
    for (size_t i = 0; i < network.nodes.size(); ++i) {
      for (const std::string& name : network.nodes[i].inputs) last_[name] = i;
    }
    for (const Value& output : network.outputs) last_[output.name] = network.nodes.size();
  }

  int64_t Most() {
    for (const Value& input : network_.inputs) alive_ += Elements(input.name);
    int64_t most = alive_;
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      int64_t written = 0, unread = 0, dying = 0, reused = 0;
      for (const std::string& name : node.outputs) {
        written += Elements(name);
        if (!last_.count(name)) unread += Elements(name);
      }
      for (const std::string& name :
           std::set<std::string>(node.inputs.begin(), node.inputs.end())) {
        if (last_.at(name) != i) continue;
        const int64_t size = Elements(name);
        dying += size;
        if (WorksInPlace(node) && size == written) reused = size;
      }
      most = std::max(most, alive_ + written - reused);
      alive_ += written - unread - dying;
    }
    return most;
  }

 private:
  // Of an activation; initializers and values of unknown shape take nothing.
  int64_t Elements(const std::string& name) const {
    if (name.empty() || network_.initializers.count(name)) return 0;
    const auto found = values_.find(name);
    return found == values_.end() ? 0 : ElementCount(found->second.shape);
  }

  const Network& network_;
  const std::map<std::string, Value>& values_;
  std::map<std::string, size_t> last_;  // reader, by index
  int64_t alive_ = 0;
};

}  // namespace

Expected<Footprint> FootprintOf(const Network& network, int64_t batch) {
  NACRE_TRY(const auto values, InferShapes(network, batch));
  NACRE_TRY(const Cost cost, CostOf(network, batch));
  return Footprint{.weights = cost.parameters, .activations = Liveness(network, values).Most()};
}

}  // namespace nacre
