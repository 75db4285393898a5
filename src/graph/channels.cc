#include "graph/channels.h"

#include <unordered_map>

#include "graph/channel_trace.h"
#include "graph/fresh_names.h"
#include "graph/shapes.h"

namespace nacre {

using namespace graph_internal;

namespace {

// Sorts what the trace found into groups, one for each root space.
class Gathering {
 public:
  Gathering(const Network& network, const Flow& flow, ChannelTrace& trace)
      : network_(network), flow_(flow), trace_(trace) {}

  std::vector<ChannelGroup> Groups() && {
    for (const std::string& value : trace_.order) AddActivation(value);
    for (const ChannelTrace::Use& use : trace_.uses) AddUse(use);
    for (const ChannelTrace::Count& count : trace_.counts) {
      for (const ChannelRun& run : count.channels) {
        const ChannelRun found = trace_.spaces.Resolve(run);
        Of(found, "").counts.push_back(
            {count.node, count.input, count.element, found.first, found.count, found.repeat});
      }
    }
    for (const ChannelTrace::Equal& equal : trace_.equals) {
      for (const ChannelRun& run : equal.channels) {
        const ChannelRun found = trace_.spaces.Resolve(run);
        Of(found, "").equal_parts.push_back({found.first, found.count, equal.parts});
      }
    }
    return std::move(groups_);
  }

 private:
  ChannelGroup& Of(const ChannelRun& resolved, const std::string& name) {
    auto [entry, fresh] = index_.try_emplace(resolved.space, groups_.size());
    if (fresh) {
      ChannelGroup group;
      group.name = names_.Make(name);
      group.width = trace_.spaces.Width(resolved.space);
      group.why_not = trace_.spaces.WhyFrozen(resolved.space);
      group.prunable = group.why_not.empty();
      groups_.push_back(std::move(group));
    }
    return groups_[entry->second];
  }

  void AddActivation(const std::string& value) {
    ChannelSlice slice{.value = value, .axis = 1};
    slice.node = flow_.Producer(value).value_or(0);
    slice.input = -1;
    ForEachRun(trace_.axes.at(value), slice, [&](ChannelGroup& group, const ChannelSlice& run) {
      if (group.activations.empty() || group.activations.back() != value) {
        group.activations.push_back(value);
      }
      group.runs.push_back(run);
    });
  }

  void AddUse(const ChannelTrace::Use& use) {
    ChannelSlice slice{.value = network_.nodes[use.node].inputs[use.input], .axis = use.axis};
    slice.parts = use.parts;
    slice.node = use.node;
    slice.input = use.input;
    ForEachRun(use.channels, slice, [&](ChannelGroup& group, const ChannelSlice& run) {
      (use.produces ? group.producers : group.consumers).push_back(run);
    });
  }

  template <typename Visit>
  void ForEachRun(const ChannelAxis& axis, ChannelSlice slice, Visit visit) {
    for (const ChannelRun& run : axis) {
      const ChannelRun found = trace_.spaces.Resolve(run);
      slice.first = found.first;
      slice.count = found.count;
      slice.repeat = found.repeat;
      visit(Of(found, slice.value), slice);
      slice.offset += found.Elements();
    }
  }

  const Network& network_;
  const Flow& flow_;
  ChannelTrace& trace_;
  std::vector<ChannelGroup> groups_;
  std::unordered_map<int, size_t> index_;
  FreshNames names_;
};

}  // namespace

Expected<std::vector<ChannelGroup>> FindChannelGroups(const Network& network) {
  NACRE_TRY(const ValueMap shapes, InferShapes(network, 1));
  const Flow flow(network);
  ChannelTrace trace(network, flow, shapes);
  trace.Run();
  return Gathering(network, flow, trace).Groups();
}

}  // namespace nacre
