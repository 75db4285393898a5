// Follows channels through a network, node by node (DepGraph's intra- and inter-layer
// dependencies).
// Private to graph/.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/channel_space.h"
#include "graph/flow.h"
#include "graph/fragment.h"
#include "graph/network.h"
#include "graph/operations.h"

namespace nacre::graph_internal {

class ChannelTrace {
 public:
  // `shapes` as from InferShapes at batch 1. All must outlive the trace.
  ChannelTrace(const Network& network, const Flow& flow, const ValueMap& shapes)
      : network_(network), flow_(flow), shapes_(shapes) {}
  void Run();

  // An axis of a constant that a node reads.
  struct Use {
    size_t node;
    int input;
    int axis;
    ChannelAxis channels;
    bool produces;      // the output side of the node's weights
    int64_t parts = 1;  // see ChannelSlice::parts
  };
  // A number that counts channels; see ChannelCount.
  struct Count {
    size_t node;
    int input;
    int64_t element;
    ChannelAxis channels;
  };
  struct Equal {
    ChannelAxis channels;
    int64_t parts;
  };
  std::vector<std::string> order;                     // the data values, first to last
  std::unordered_map<std::string, ChannelAxis> axes;  // axis 1 of each
  std::vector<Use> uses;
  std::vector<Count> counts;
  std::vector<Equal> equals;
  ChannelSpaces spaces;

 private:
  // Each rule handles one kind of node and gives the channels of its first output, or nothing when
  // it cannot follow them: the node is then a wall.
  using Axis = std::optional<ChannelAxis>;
  void Step(size_t index);
  Axis Follow(size_t index);
  using Rule = Axis (ChannelTrace::*)(size_t);
  // Of operations whose only data is their first input; null where there is no such rule.
  static Rule RuleOf(ChannelCoupling coupling);
  bool OnlyFirstInputIsData(const Node& node) const;
  Axis Convolution(size_t index);
  Axis GroupedConvolution(size_t index, const Tensor& weight, int64_t groups);
  Axis Linear(size_t index);
  Axis PerChannelVectors(size_t index);
  Axis Elementwise(size_t index);
  Axis Concat(size_t index);
  Axis Split(size_t index);
  Axis Slice(size_t index);
  Axis Pad(size_t index);
  Axis Flatten(size_t index);
  Axis Reshape(size_t index);
  Axis Resize(size_t index);
  Axis Passes(size_t index);
  Axis Transpose(size_t index);
  Axis OverAxis(size_t index);
  Axis Blocks(size_t index);
  Axis Axes(size_t index);
  void Wall(size_t index);

  // Parts of the rules.
  struct Entry {  // a number in a constant
    size_t node;
    int input;
    int64_t element, number;
  };
  std::optional<int64_t> SlicedElement(size_t index) const;
  int64_t CountBound(size_t index, int input, int64_t element, const ChannelAxis& axis,
                     bool& exact);
  Axis Reshaped(size_t index) const;
  std::optional<Entry> WantedChannels(size_t index) const;
  Axis MergedData(size_t index);
  bool BindConstants(size_t index, const ChannelAxis& merged);
  void CoupleSharedWeights();
  void FreezeWhatIsCutApart();

  // Binds an axis of a constant input to channels. False when the input is no constant or of
  // another size.
  bool Bind(size_t node, int input, int axis, const ChannelAxis& channels, bool produces = true);
  void Freeze(size_t node, const ChannelAxis& axis, const std::string& what);
  void Set(const std::string& value, ChannelAxis axis);
  const ChannelAxis* AxisOf(const std::string& value) const;
  const nacre::Shape* ShapeOf(const std::string& value) const;
  // The integers of a constant input; nothing when it is not given or not constant.
  std::optional<std::vector<int64_t>> Ints(size_t node, size_t input) const;
  bool Given(size_t node, size_t input) const;

  const Network& network_;
  const Flow& flow_;
  const ValueMap& shapes_;
};

}  // namespace nacre::graph_internal
