#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "graph/adjacency.h"
#include "graph/channels.h"
#include "graph/flow.h"
#include "graph/shapes.h"

namespace nacre {

using namespace graph_internal;

namespace {

using Indices = std::vector<int64_t>;

// The elements at `indices` along an axis.
Tensor Gather(const Tensor& tensor, int axis, const Indices& indices) {
  Shape shape = tensor.shape();
  const auto length = static_cast<size_t>(shape[axis]);
  const size_t inner =
      ElementCount({shape.begin() + axis + 1, shape.end()}) * ElementSize(tensor.type());
  const size_t outer = ElementCount({shape.begin(), shape.begin() + axis});
  shape[axis] = static_cast<int64_t>(indices.size());
  std::vector<std::byte> bytes(outer * indices.size() * inner);
  std::byte* to = bytes.data();
  for (size_t o = 0; o < outer; ++o) {
    for (int64_t index : indices) {
      std::memcpy(to, tensor.bytes().data() + (o * length + index) * inner, inner);
      to += inner;
    }
  }
  return Tensor(tensor.type(), std::move(shape), std::move(bytes));
}

// The weight of a grouped convolution: each run of outputs keeps its own inputs, `kept` per run.
Tensor GatherParts(const Tensor& weight, const std::vector<Indices>& kept) {
  const int64_t rows = weight.shape()[0] / static_cast<int64_t>(kept.size());
  Shape shape = weight.shape();
  shape[1] = static_cast<int64_t>(kept[0].size());
  std::vector<std::byte> bytes;
  for (size_t part = 0; part < kept.size(); ++part) {
    Indices run(rows);
    for (int64_t i = 0; i < rows; ++i) run[i] = static_cast<int64_t>(part) * rows + i;
    const Tensor piece = Gather(Gather(weight, 0, run), 1, kept[part]);
    bytes.insert(bytes.end(), piece.bytes().begin(), piece.bytes().end());
  }
  return Tensor(weight.type(), std::move(shape), std::move(bytes));
}

// What happens to one input of one node.
struct Change {
  std::map<int, std::vector<bool>> dropped;  // by axis: which elements go
  std::vector<Indices> parts;                // see GatherParts; empty when there are none
  std::map<int64_t, int64_t> counted;        // by element: how many of what it counts go

  bool operator<(const Change& other) const {
    return std::tie(dropped, parts, counted) < std::tie(other.dropped, other.parts, other.counted);
  }
};

using Changes = std::map<std::pair<size_t, int>, Change>;  // by node and input

Tensor Applied(const Tensor& tensor, const Change& change) {
  Tensor result = tensor;
  if (!change.parts.empty()) result = GatherParts(result, change.parts);
  for (const auto& [axis, dropped] : change.dropped) {
    Indices kept;
    for (size_t i = 0; i < dropped.size(); ++i) {
      if (!dropped[i]) kept.push_back(static_cast<int64_t>(i));
    }
    result = Gather(result, axis, kept);
  }
  if (change.counted.empty()) return result;
  std::vector<int64_t> values = result.ToInts();
  for (const auto& [element, gone] : change.counted) {
    values[element] += values[element] > 0 ? -gone : gone;
  }
  return Tensor::Ints(result.shape(), values);
}

Shape ShapeOf(const Tensor& tensor, const Change& change) {
  Shape shape = tensor.shape();
  if (!change.parts.empty()) shape[1] = static_cast<int64_t>(change.parts[0].size());
  for (const auto& [axis, dropped] : change.dropped)
    shape[axis] = std::count(dropped.begin(), dropped.end(), false);
  return shape;
}

// Large weights are gathered when they are first read, so that a narrower network can be described
// and priced without them.
Tensor Apply(const Tensor& tensor, const Change& change) {
  constexpr int64_t kFewElements = 4096;
  const bool weights = tensor.type() == DataType::kFloat && change.counted.empty();
  if (!weights || tensor.count() <= kFewElements) return Applied(tensor, change);
  return Tensor::Deferred(ShapeOf(tensor, change), [whole = tensor.Unmade(), change] {
    return Applied(whole.Unmade(), change).ToFloats();
  });
}

std::vector<bool> DroppedMask(const ChannelGroup& group, const Indices& keep) {
  std::vector<bool> dropped(group.width, true);
  int64_t last = -1;
  for (int64_t channel : keep) {
    if (channel <= last || channel >= group.width) {
      throw std::logic_error("KeepChannels: not an ascending list of channels of '" + group.name +
                             "'");
    }
    dropped[last = channel] = false;
  }
  return dropped;
}

Expected<void> Check(const ChannelGroup& group, const std::vector<bool>& dropped) {
  if (!group.prunable) {
    return Fail(ErrorKind::kModel,
                "channels of '" + group.name + "' cannot be removed: " + group.why_not);
  }
  auto kept = [&](int64_t first, int64_t count) {
    return std::count(dropped.begin() + first, dropped.begin() + first + count, false);
  };
  for (const EqualParts& equal : group.equal_parts) {
    const int64_t run = equal.count / equal.parts;
    for (int64_t part = 1; part < equal.parts; ++part) {
      if (kept(equal.first + part * run, run) != kept(equal.first, run)) {
        return Fail(ErrorKind::kModel, "a grouped convolution wants as many channels of '" +
                                           group.name + "' kept in each of its " +
                                           std::to_string(equal.parts) + " groups");
      }
    }
  }
  std::map<std::string, int64_t> left;
  for (const ChannelSlice& run : group.runs) left[run.value] += kept(run.first, run.count);
  for (const std::string& value : group.activations) {
    if (left[value] == 0) {
      return Fail(ErrorKind::kModel,
                  "no channel of '" + value + "' would be left; keep at least one");
    }
  }
  return {};
}

class Removal {
 public:
  Removal(const Network& network) : network_(network), flow_(network) {}

  void Collect(const ChannelGroup& group, const std::vector<bool>& dropped) {
    for (const ChannelSlice& slice : group.producers) CollectSlice(slice, dropped);
    for (const ChannelSlice& slice : group.consumers) CollectSlice(slice, dropped);
    for (const ChannelCount& count : group.counts) {
      const auto begin = dropped.begin() + count.first;
      const int64_t gone = std::count(begin, begin + count.count, true) * count.repeat;
      if (gone > 0) changes_[{count.node, count.input}].counted[count.element] += gone;
    }
  }

  // An initializer whose readers all want the same keeps its name; else each reader that changes it
  // gets a copy.
  Network Run() && {
    Network result = network_;
    const Adjacency adjacency(network_);
    std::map<std::string, std::map<Change, std::vector<std::pair<size_t, int>>>> by_value;
    for (const auto& [place, change] : changes_) {
      const auto& [node, input] = place;
      if (input < 0) {
        int64_t& groups = std::get<int64_t>(result.nodes[node].attributes.at("group"));
        groups -= change.counted.at(0);
      } else {
        by_value[network_.nodes[node].inputs[input]][change].push_back(place);
      }
    }
    for (const auto& [value, wanted] : by_value) {
      const Tensor& tensor = *flow_.Constant(value);
      const bool alone = wanted.begin()->second.size() == adjacency.Readers(value).size() &&
                         network_.initializers.contains(value) && !network_.IsOutput(value);
      for (const auto& [change, places] : wanted) {
        const std::string name = alone ? value : result.FreshName(value);
        result.initializers[name] = Apply(tensor, change);
        for (const auto& [node, input] : places) result.nodes[node].inputs[input] = name;
      }
    }
    RemoveDead(result);
    return result;
  }

 private:
  void CollectSlice(const ChannelSlice& slice, const std::vector<bool>& dropped) {
    const auto begin = dropped.begin() + slice.first;
    if (std::count(begin, begin + slice.count, true) == 0) return;
    Change& change = changes_[{slice.node, slice.input}];
    if (slice.parts > 1) {
      const int64_t run = slice.count / slice.parts;
      change.parts.resize(slice.parts);
      for (int64_t c = 0; c < slice.count; ++c) {
        if (begin[c]) continue;
        for (int64_t e = 0; e < slice.repeat; ++e) {
          change.parts[c / run].push_back(c % run * slice.repeat + e);
        }
      }
      return;
    }
    std::vector<bool>& gone = change.dropped[slice.axis];
    gone.resize(flow_.Constant(slice.value)->shape()[slice.axis]);
    for (int64_t e = 0; e < slice.count * slice.repeat; ++e) {
      if (begin[e / slice.repeat]) gone[slice.offset + e] = true;
    }
  }

  const Network& network_;
  const Flow flow_;
  Changes changes_;
};

}  // namespace

Expected<Network> KeepChannels(const Network& network, const std::vector<ChannelChoice>& choices) {
  Removal removal(network);
  for (const ChannelChoice& choice : choices) {
    const std::vector<bool> dropped = DroppedMask(choice.group, choice.keep);
    NACRE_CHECK_OK(Check(choice.group, dropped));
    removal.Collect(choice.group, dropped);
  }
  Network result = std::move(removal).Run();
  if (auto shapes = InferShapes(result, 1); !shapes) {
    return Fail(ErrorKind::kModel,
                "removing channels broke the network: " + shapes.error().message);
  }
  return result;
}

Expected<Network> KeepChannels(const Network& network, const ChannelGroup& group,
                               const std::vector<int64_t>& keep) {
  return KeepChannels(network, std::vector<ChannelChoice>{{group, keep}});
}

}  // namespace nacre
