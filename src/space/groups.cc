#include "space/groups.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "graph/channels.h"

namespace nacre::space_internal {
namespace {

// Whether one grouped convolution alone says into which runs the channels fall.
bool FallsInto(const ChannelGroup& group, int64_t parts) {
  if (!group.prunable || group.equal_parts.size() != 1) return false;
  const EqualParts& equal = group.equal_parts[0];
  return equal.first == 0 && equal.count == group.width && equal.parts == parts;
}

// The group that has such a slice of the node's weight.
std::optional<ChannelGroup> GroupWith(const std::vector<ChannelGroup>& groups, size_t node,
                                      std::vector<ChannelSlice> ChannelGroup::*slices, int axis) {
  for (const ChannelGroup& group : groups) {
    for (const ChannelSlice& slice : group.*slices) {
      if (slice.node == node && slice.input == 1 && slice.axis == axis) return group;
    }
  }
  return std::nullopt;
}

// The indices of the most important groups, ascending.
std::vector<int64_t> MostImportant(const std::vector<double>& importance, int64_t groups,
                                   int64_t keep) {
  const auto run = static_cast<int64_t>(importance.size()) / groups;
  std::vector<double> sums;
  for (int64_t g = 0; g < groups; ++g)
    sums.push_back(
        std::accumulate(importance.begin() + g * run, importance.begin() + (g + 1) * run, 0.0));
  std::vector<int64_t> order(static_cast<size_t>(groups));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return sums[static_cast<size_t>(a)] > sums[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(keep));
  std::sort(order.begin(), order.end());
  return order;
}

// All channels of these groups, as a choice that may leave whole groups out.
ChannelChoice ChannelsOf(ChannelGroup group, const std::vector<int64_t>& kept, int64_t groups) {
  ChannelChoice choice;
  const int64_t run = group.width / groups;
  for (const int64_t g : kept) {
    for (int64_t c = 0; c < run; ++c) choice.keep.push_back(g * run + c);
  }
  group.equal_parts.clear();
  choice.group = std::move(group);
  return choice;
}

}  // namespace

std::vector<GroupedConvolution> FindGrouped(const Network& network) {
  std::vector<GroupedConvolution> found;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    if (node.opaque() || node.op != "Conv" || node.inputs.size() < 2) continue;
    const Tensor* weight = network.Initializer(node.inputs[1]);
    const int64_t groups = node.Int("group", 1);
    if (weight == nullptr || weight->type() != DataType::kFloat || groups < 2) continue;
    const Shape& shape = weight->shape();
    if (shape.size() != 4 || shape[1] < 2 || shape[0] % groups != 0) continue;
    found.push_back({i, groups, shape[1], shape[0] / groups});
  }
  return found;
}

std::optional<GroupedConvolution> OneGrouped(const Network& network) {
  const auto grouped = FindGrouped(network);
  if (grouped.size() != 1) return std::nullopt;
  return grouped[0];
}

Expected<Network> KeepGroups(const Network& network, const GroupedConvolution& conv, int64_t keep) {
  if (keep < 1 || keep > conv.groups)
    throw std::logic_error("KeepGroups: there are not " + std::to_string(keep) + " groups");
  NACRE_TRY(const auto groups, FindChannelGroups(network));
  auto before = GroupWith(groups, conv.node, &ChannelGroup::consumers, 1);
  auto behind = GroupWith(groups, conv.node, &ChannelGroup::producers, 0);
  const bool fit = before && behind && before->name != behind->name &&
                   FallsInto(*before, conv.groups) && FallsInto(*behind, conv.groups);
  if (!fit) {
    return Fail(ErrorKind::kModel, "the groups of '" + network.nodes[conv.node].name +
                                       "' cannot be taken out; it keeps them all");
  }
  const auto kept = MostImportant(ChannelImportance(network, *behind), conv.groups, keep);
  // A group that stays reads all of its inputs: the convolution loses rows only.
  std::erase_if(before->consumers, [&](const ChannelSlice& slice) {
    return slice.node == conv.node && slice.input == 1;
  });
  Network fewer = network;
  fewer.nodes[conv.node].attributes["group"] = keep;
  return KeepChannels(fewer, {ChannelsOf(std::move(*before), kept, conv.groups),
                              ChannelsOf(std::move(*behind), kept, conv.groups)});
}

Network JoinGroups(Network network, const GroupedConvolution& conv, int64_t groups) {
  if (groups < 1 || conv.groups % groups != 0)
    throw std::logic_error("JoinGroups: " + std::to_string(groups) + " does not divide");
  const int64_t ratio = conv.groups / groups;
  Node& node = network.nodes[conv.node];
  const Tensor narrow = network.Initializer(node.inputs[1])->Unmade();
  Shape shape = narrow.shape();
  shape[1] *= ratio;
  const auto write = [narrow, conv, ratio, shape] {
    const Tensor made = narrow.Unmade();
    const auto from = made.floats();
    const int64_t row = made.count() / made.shape()[0];
    std::vector<float> wide(static_cast<size_t>(ElementCount(shape)), 0);
    for (int64_t o = 0; o < shape[0]; ++o) {
      const int64_t place = o / conv.outputs % ratio;
      std::copy_n(from.begin() + o * row, row, wide.begin() + (o * ratio + place) * row);
    }
    return wide;
  };
  const std::string name = network.FreshName(node.inputs[1] + "/joined");
  network.initializers[name] = Tensor::Deferred(shape, write);
  node.inputs[1] = name;
  node.attributes["group"] = groups;
  RemoveDead(network);
  return network;
}

}  // namespace nacre::space_internal
