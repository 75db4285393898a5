#include "space/subgroups.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace nacre::space_internal {
namespace {

// The channels of a group that one activation holds, in all its runs together.
struct HeldChannels {
  std::vector<bool> channels;
  int64_t width = 0;
  std::string place;

  void Add(const ChannelSlice& run) {
    for (int64_t c = run.first; c < run.first + run.count; ++c) {
      if (!channels[static_cast<size_t>(c)]) ++width;
      channels[static_cast<size_t>(c)] = true;
    }
  }
  bool OfStage() const { return place.rfind("stage", 0) == 0; }
};

// Narrowest first, stages before blocks.
bool ComesBefore(const HeldChannels& a, const HeldChannels& b) {
  return std::tuple(a.width, !a.OfStage(), a.place) < std::tuple(b.width, !b.OfStage(), b.place);
}

std::vector<HeldChannels> HeldByActivations(const ChannelGroup& group, const Places& places) {
  std::map<std::string, HeldChannels> by_value;
  for (const ChannelSlice& run : group.runs) {
    const auto place = places.find(run.value);
    if (place == places.end()) continue;
    HeldChannels& held = by_value[run.value];
    held.channels.resize(static_cast<size_t>(group.width), false);
    held.place = place->second;
    held.Add(run);
  }
  std::vector<HeldChannels> all;
  for (auto& [value, held] : by_value) all.push_back(std::move(held));
  std::stable_sort(all.begin(), all.end(), ComesBefore);
  return all;
}

}  // namespace

Places PlacesOfValues(const Network& network, const std::vector<Block>& blocks) {
  Places places;
  for (const Block& block : blocks) {
    for (const size_t node : block.nodes) {
      for (const std::string& output : network.nodes[node].outputs) places[output] = block.name;
    }
  }
  for (const Block& block : blocks) places[block.output] = "stage" + std::to_string(block.stage);
  return places;
}

std::vector<Subgroup> FindSubgroups(const ChannelGroup& group, const Places& places) {
  const auto activations = HeldByActivations(group, places);
  std::map<std::vector<bool>, Subgroup> by_holders;
  for (int64_t c = 0; c < group.width; ++c) {
    std::vector<bool> holders;
    for (const HeldChannels& each : activations)
      holders.push_back(each.channels[static_cast<size_t>(c)]);
    const auto narrowest = std::find(holders.begin(), holders.end(), true);
    if (narrowest == holders.end()) continue;
    const HeldChannels& holder = activations[static_cast<size_t>(narrowest - holders.begin())];
    Subgroup& subgroup = by_holders[holders];
    subgroup.channels.push_back(c);
    subgroup.width = holder.width;
    subgroup.place = holder.place;
  }
  std::vector<Subgroup> all;
  for (auto& [holders, subgroup] : by_holders) all.push_back(std::move(subgroup));
  std::sort(all.begin(), all.end(),
            [](const Subgroup& a, const Subgroup& b) { return a.channels < b.channels; });
  return all;
}

}  // namespace nacre::space_internal
