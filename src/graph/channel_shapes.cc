// Rules for nodes that cut, pad and reshape activations.
#include <algorithm>

#include "graph/channel_trace.h"

namespace nacre::graph_internal {
namespace {

int64_t Normal(int64_t axis, size_t rank) {
  return axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
}

// All of the axes lie behind batch and channels.
bool Behind(const std::vector<int64_t>& axes, size_t rank) {
  return std::all_of(axes.begin(), axes.end(),
                     [&](int64_t axis) { return Normal(axis, rank) > 1; });
}

}  // namespace

// Sets all outputs; nothing when the sizes are not given.
ChannelTrace::Axis ChannelTrace::Split(size_t index) {
  const Node& node = network_.nodes[index];
  const ChannelAxis* known = AxisOf(node.inputs[0]);
  if (known == nullptr) return {};
  const ChannelAxis axis = *known;
  if (Normal(node.Int("axis", 0), ShapeOf(node.inputs[0])->size()) != 1) {
    for (const std::string& output : node.outputs) Set(output, axis);
    return axis;
  }
  const auto sizes = Ints(index, 1);
  if (!sizes || sizes->size() != node.outputs.size()) return {};
  bool exact = true;
  std::vector<ChannelAxis> parts;
  for (int64_t i = 0, at = 0; i < static_cast<int64_t>(sizes->size()); at += (*sizes)[i++]) {
    parts.push_back(Part(axis, at, at + (*sizes)[i], exact));
  }
  if (!exact) return {};
  for (size_t i = 0; i < parts.size(); ++i) {
    counts.push_back({index, 1, static_cast<int64_t>(i), parts[i]});
    Set(node.outputs[i], parts[i]);
  }
  return axis;
}

// Which element of starts, ends and steps cuts the channels; nothing when none does.
std::optional<int64_t> ChannelTrace::SlicedElement(size_t index) const {
  const size_t rank = ShapeOf(network_.nodes[index].inputs[0])->size();
  const auto along = Ints(index, 3);
  if (!along) return 1;  // no axes are named: all, from the first on
  const auto found = std::find_if(along->begin(), along->end(),
                                  [&](int64_t named) { return Normal(named, rank) == 1; });
  if (found == along->end()) return std::nullopt;
  return found - along->begin();
}

// A bound of a Slice within the axis counts the channels before it, or behind it when it is
// negative; others are clamped. Gives where the bound is.
int64_t ChannelTrace::CountBound(size_t index, int input, int64_t element, const ChannelAxis& axis,
                                 bool& exact) {
  const int64_t value = (*Ints(index, static_cast<size_t>(input)))[element];
  const int64_t size = Elements(axis);
  const int64_t from_front = value < 0 ? std::max(value, -size) + size : value;
  const int64_t at = std::clamp<int64_t>(from_front, 0, size);
  if (value > 0 && value < size)
    counts.push_back({index, input, element, Part(axis, 0, at, exact)});
  if (value < 0 && value > -size) {
    counts.push_back({index, input, element, Part(axis, at, size, exact)});
  }
  return at;
}

ChannelTrace::Axis ChannelTrace::Slice(size_t index) {
  if (Given(index, 3) && !Ints(index, 3)) return {};
  const ChannelAxis axis = *AxisOf(network_.nodes[index].inputs[0]);
  const auto element = SlicedElement(index);
  if (!element) return axis;
  const auto starts = Ints(index, 1), ends = Ints(index, 2), steps = Ints(index, 4);
  if (!starts || !ends) return {};
  if (*element >= static_cast<int64_t>(starts->size())) return axis;
  if (Given(index, 4) && (!steps || (*steps)[*element] != 1)) return {};
  bool exact = true;
  const int64_t from = CountBound(index, 1, *element, axis, exact);
  const int64_t to = CountBound(index, 2, *element, axis, exact);
  const ChannelAxis part = Part(axis, from, to, exact);
  if (!exact || from >= to) return {};
  return part;
}

ChannelTrace::Axis ChannelTrace::Pad(size_t index) {
  const Node& node = network_.nodes[index];
  const auto pads = Ints(index, 1);
  const ChannelAxis axis = *AxisOf(node.inputs[0]);
  const auto rank = static_cast<int64_t>(ShapeOf(node.inputs[0])->size());
  if (!pads || Given(index, 3) || static_cast<int64_t>(pads->size()) != 2 * rank) {
    Freeze(index, axis, "pads by numbers that are not constant");
    return {};
  }
  const int64_t before = (*pads)[1], after = (*pads)[rank + 1];
  if (before == 0 && after == 0) return axis;
  if (before < 0 || after < 0 || node.String("mode", "constant") != "constant") return {};
  ChannelAxis padded;
  auto append = [&](const ChannelAxis& part) {
    padded.insert(padded.end(), part.begin(), part.end());
  };
  auto border = [&](int64_t element, int64_t width) {
    if (width == 0) return;
    const ChannelAxis zeros = spaces.Fresh(width);
    counts.push_back({index, 1, element, zeros});
    append(zeros);
  };
  border(1, before);
  append(axis);
  border(rank + 1, after);
  return padded;
}

ChannelTrace::Axis ChannelTrace::Flatten(size_t index) {
  const Node& node = network_.nodes[index];
  const nacre::Shape& in = *ShapeOf(node.inputs[0]);
  if (Normal(node.Int("axis", 1), in.size()) != 1) return {};
  if (std::count(in.begin() + 2, in.end(), kDynamic) > 0) return {};
  ChannelAxis axis = *AxisOf(node.inputs[0]);
  const int64_t size = ElementCount({in.begin() + 2, in.end()});
  for (ChannelRun& run : axis) run.repeat *= size;
  return axis;
}

// The channels of a Reshape that leaves batch and channels where they are, or flattens the pixels
// into them; nothing where it does anything else.
ChannelTrace::Axis ChannelTrace::Reshaped(size_t index) const {
  const Node& node = network_.nodes[index];
  const nacre::Shape& in = *ShapeOf(node.inputs[0]);
  const nacre::Shape* out = ShapeOf(node.outputs[0]);
  if (out == nullptr || out->size() < 2 || (*out)[0] != in[0]) return {};
  if (std::count(in.begin(), in.end(), kDynamic) > 0) return {};
  ChannelAxis axis = *AxisOf(node.inputs[0]);
  if ((*out)[1] == in[1]) return axis;
  const int64_t size = ElementCount({in.begin() + 2, in.end()});
  if ((*out)[1] != in[1] * size) return {};
  for (ChannelRun& run : axis) run.repeat *= size;
  return axis;
}

// Where the number of channels stands in the wanted shape: in a constant, or in the constant part
// of a Concat. Nothing where it is computed.
std::optional<ChannelTrace::Entry> ChannelTrace::WantedChannels(size_t index) const {
  if (const auto wanted = Ints(index, 1)) {
    if (wanted->size() < 2) return std::nullopt;
    return Entry{index, 1, 1, (*wanted)[1]};
  }
  const auto maker = flow_.Producer(network_.nodes[index].inputs[1]);
  if (!maker || network_.nodes[*maker].op != "Concat") return std::nullopt;
  int64_t element = 1;
  for (int input = 0; Given(*maker, static_cast<size_t>(input)); ++input) {
    const nacre::Shape* piece = ShapeOf(network_.nodes[*maker].inputs[static_cast<size_t>(input)]);
    if (piece == nullptr || piece->size() != 1) return std::nullopt;
    if (element >= (*piece)[0]) {
      element -= (*piece)[0];
      continue;
    }
    const auto wanted = Ints(*maker, static_cast<size_t>(input));
    if (!wanted) return std::nullopt;
    return Entry{*maker, input, element, (*wanted)[static_cast<size_t>(element)]};
  }
  return std::nullopt;
}

ChannelTrace::Axis ChannelTrace::Reshape(size_t index) {
  const Axis axis = Reshaped(index);
  if (!axis) return {};
  const auto entry = WantedChannels(index);
  if (!entry) {
    Freeze(index, *axis, "takes its shape from a Shape chain");
    return {};
  }
  if (entry->number <= 0) return axis;
  for (const Count& count : counts) {  // two nodes of one wanted shape
    const bool same =
        count.node == entry->node && count.input == entry->input && count.element == entry->element;
    if (!same) continue;
    spaces.Unify(count.channels, *axis);
    return axis;
  }
  counts.push_back({entry->node, entry->input, entry->element, *axis});
  return axis;
}

ChannelTrace::Axis ChannelTrace::Resize(size_t index) {
  const Node& node = network_.nodes[index];
  const ChannelAxis axis = *AxisOf(node.inputs[0]);
  if (node.attributes.contains("axes")) return {};
  if (Given(index, 2)) {
    const Tensor* scales = flow_.Constant(node.inputs[2]);
    if (scales != nullptr && scales->count() > 1) {
      if (scales->ToFloats()[1] != 1.0f) return {};
      return axis;
    }
  }
  const auto sizes = Ints(index, 3);
  if (!sizes || sizes->size() < 2 || (*sizes)[1] != Elements(axis)) return {};
  counts.push_back({index, 3, 1, axis});
  return axis;
}

ChannelTrace::Axis ChannelTrace::Passes(size_t index) {
  return *AxisOf(network_.nodes[index].inputs[0]);
}

ChannelTrace::Axis ChannelTrace::Transpose(size_t index) {
  const std::vector<int64_t> order = network_.nodes[index].Ints("perm");
  if (order.size() < 2 || order[0] != 0 || order[1] != 1) return {};
  return Passes(index);
}

ChannelTrace::Axis ChannelTrace::OverAxis(size_t index) {
  const Node& node = network_.nodes[index];
  if (!Behind({node.Int("axis", -1)}, ShapeOf(node.inputs[0])->size())) return {};
  return Passes(index);
}

// SpaceToDepth repeats the channels, one copy for each pixel of a block. DepthToSpace takes the
// pixels of a block from channels in a row (CRD), which then go together, or from copies of all
// channels (DCR), which cannot be followed.
ChannelTrace::Axis ChannelTrace::Blocks(size_t index) {
  const Node& node = network_.nodes[index];
  const ChannelAxis in = *AxisOf(node.inputs[0]);
  const int64_t block = node.Int("blocksize", 1), pixels = block * block;
  if (node.op == "SpaceToDepth") {
    ChannelAxis copies;
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      copies.insert(copies.end(), in.begin(), in.end());
    return copies;
  }
  if (node.String("mode", "DCR") != "CRD" || Elements(in) % pixels != 0) return {};
  const ChannelAxis out = spaces.Fresh(Elements(in) / pixels);
  ChannelAxis together = out;
  together[0].repeat = pixels;
  spaces.Unify(in, together);
  return out;
}

// Squeeze, Unsqueeze and reductions. Negative axes of Unsqueeze count in the output.
ChannelTrace::Axis ChannelTrace::Axes(size_t index) {
  const Node& node = network_.nodes[index];
  const auto given = Ints(index, 1);
  const size_t added = node.op == "Unsqueeze" && given ? given->size() : 0;
  const std::vector<int64_t> along = Given(index, 1) ? given.value_or(Shape{0}) : node.Ints("axes");
  if (along.empty() || !Behind(along, ShapeOf(node.inputs[0])->size() + added)) return {};
  return Passes(index);
}

}  // namespace nacre::graph_internal
