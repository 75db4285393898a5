#include "train/memory.h"

#include <algorithm>
#include <set>

#include "graph/footprint.h"
#include "graph/shapes.h"

namespace nacre::train_internal {
namespace {

int64_t BatchWithin(int64_t most, int64_t elements_per_image, int64_t wanted) {
  const int64_t bytes =
      static_cast<int64_t>(sizeof(float)) * std::max<int64_t>(1, elements_per_image);
  return std::clamp<int64_t>(most / bytes, 1, std::max<int64_t>(1, wanted));
}

int64_t AliveAtOnce(const Network& network) {
  const auto footprint = FootprintOf(network);
  return footprint ? footprint->activations : 0;
}

// Of all values of one image; 0 where shapes cannot be inferred.
int64_t AllElements(const Network& network) {
  const auto shapes = InferShapes(network, 1);
  if (!shapes) return 0;
  int64_t elements = 0;
  for (const Node& node : network.nodes) {
    for (const std::string& output : node.outputs) {
      const auto found = shapes->find(output);
      if (found != shapes->end()) elements += ElementCount(found->second.shape);
    }
  }
  return elements;
}

}  // namespace

int64_t BatchToRun(const Network& network, int64_t wanted) {
  return BatchWithin(kMostRunBytes, AliveAtOnce(network), wanted);
}

int64_t BatchToRunBeside(const Network& network, std::span<const std::string> kept, int users,
                         int64_t wanted) {
  const auto shapes = InferShapes(network, 1);
  if (!shapes) return wanted;
  int64_t elements = (1 + users) * AliveAtOnce(network);
  for (const std::string& value : kept) {
    const auto found = shapes->find(value);
    if (found != shapes->end()) elements += ElementCount(found->second.shape);
  }
  return BatchWithin(kMostBesideBytes, elements, wanted);
}

std::vector<std::string> ValuesOf(std::span<const SpanJob> jobs) {
  std::set<std::string> values;
  for (const SpanJob& job : jobs) values.insert({job.input, job.output});
  return {values.begin(), values.end()};
}

int64_t BatchToTrain(const Network& network, int64_t wanted) {
  const int64_t elements = AllElements(network);
  return elements == 0 ? wanted : BatchWithin(kMostTrainBytes, elements, wanted);
}

int64_t BytesToTrain(const Network& network, int64_t wanted) {
  return BatchToTrain(network, wanted) * AllElements(network) * static_cast<int64_t>(sizeof(float));
}

}  // namespace nacre::train_internal
