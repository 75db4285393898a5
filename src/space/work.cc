#include "space/work.h"

namespace nacre::space_internal {

double WorkOf(const Network& network, const std::map<std::string, Value>& shapes,
              int64_t multiple) {
  double work = 0;
  for (const Node& node : network.nodes) {
    if (node.opaque() || node.op != "Conv" || node.inputs.size() < 2) continue;
    const auto out = shapes.find(node.outputs[0]);
    const auto weight = shapes.find(node.inputs[1]);
    if (out == shapes.end() || weight == shapes.end()) continue;
    const Shape& kernel = weight->second.shape;  // [out, in / groups, ...]
    const int64_t channels = (kernel[1] + multiple - 1) / multiple * multiple;
    const int64_t area = ElementCount({kernel.begin() + 2, kernel.end()});
    work +=
        static_cast<double>(ElementCount(out->second.shape)) * static_cast<double>(channels * area);
  }
  return work;
}

}  // namespace nacre::space_internal
