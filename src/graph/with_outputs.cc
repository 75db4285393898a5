#include <stdexcept>

#include "graph/shapes.h"
#include "graph/simplify.h"

namespace nacre {

Network WithOutputs(const Network& network, const std::vector<std::string>& values) {
  const auto known = InferShapes(network, kDynamic);
  if (!known) throw std::logic_error(known.error().message);
  Network result = network;
  result.outputs.clear();
  for (const std::string& name : values) {
    const auto found = known->find(name);
    if (found != known->end()) {
      result.outputs.push_back(found->second);
    } else if (network.Producer(name).has_value()) {
      result.outputs.push_back({name, DataType::kFloat, {}});
    } else {
      throw std::logic_error("no value '" + name + "' in network '" + network.name + "'");
    }
  }
  RemoveDead(result);
  return result;
}

}  // namespace nacre
