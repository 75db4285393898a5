#include "graph/channel_space.h"

#include <algorithm>

namespace nacre::graph_internal {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Without its first elements, whole channels of it.
ChannelRun Behind(const ChannelRun& run, int64_t elements) {
  const int64_t channels = elements / run.repeat;
  return {run.space, run.first + channels, run.count - channels, run.repeat};
}

}  // namespace

int64_t Elements(const ChannelAxis& axis) {
  int64_t elements = 0;
  for (const ChannelRun& run : axis) elements += run.Elements();
  return elements;
}

ChannelAxis Part(const ChannelAxis& axis, int64_t from, int64_t to, bool& exact) {
  ChannelAxis part;
  int64_t at = 0;
  for (const ChannelRun& run : axis) {
    const int64_t begin = std::max(from, at) - at, end = std::min(to, at + run.Elements()) - at;
    at += run.Elements();
    if (begin >= end) continue;
    exact = exact && begin % run.repeat == 0 && end % run.repeat == 0;
    part.push_back(
        {run.space, run.first + begin / run.repeat, (end - begin) / run.repeat, run.repeat});
  }
  return part;
}

ChannelAxis ChannelSpaces::Fresh(int64_t width) {
  const int space = static_cast<int>(spaces_.size());
  spaces_.push_back({.parent = {space, 0, 1}, .low = 0, .high = width});
  return {{space, 0, width, 1}};
}

ChannelSpaces::Place ChannelSpaces::Find(int space) {
  const Place parent = spaces_[space].parent;
  if (parent.space == space) return parent;
  const Place above = Find(parent.space);
  const Place place = {above.space, parent.shift + parent.scale * above.shift,
                       parent.scale * above.scale};
  spaces_[space].parent = place;
  return place;
}

ChannelRun ChannelSpaces::Resolve(const ChannelRun& run) {
  const Place place = Find(run.space);
  const int64_t from = run.first + place.shift, to = from + run.count;
  if (from % place.scale != 0 || to % place.scale != 0) {
    Freeze({run}, "channels that go together are cut apart");
  }
  const int64_t first = FloorDivide(from, place.scale);
  const int64_t end = -FloorDivide(-to, place.scale);
  return {place.space, first - spaces_[place.space].low, end - first, run.repeat * place.scale};
}

void ChannelSpaces::Hang(int child, const Place& parent) {
  Space &above = spaces_[parent.space], &below = spaces_[child];
  above.low = std::min(above.low, FloorDivide(below.low + parent.shift, parent.scale));
  above.high = std::max(above.high, -FloorDivide(-below.high - parent.shift, parent.scale));
  if (above.why.empty()) above.why = below.why;
  below.parent = parent;
}

void ChannelSpaces::Join(const ChannelRun& a, const ChannelRun& b) {
  const Place in_a = Find(a.space), in_b = Find(b.space);
  // Elements that one channel of the root has, and how many of them lie before the runs.
  const int64_t size_a = in_a.scale * a.repeat, size_b = in_b.scale * b.repeat;
  const int64_t before_a = (a.first + in_a.shift) * a.repeat;
  const int64_t before_b = (b.first + in_b.shift) * b.repeat;
  if (in_a.space == in_b.space) {
    if (size_a != size_b || before_a != before_b) {
      Freeze({a}, "its channels meet a shifted copy of themselves");
    }
    return;
  }
  const bool a_is_wider = size_a >= size_b;
  const int64_t wide = std::max(size_a, size_b), narrow = std::min(size_a, size_b);
  const int64_t apart = a_is_wider ? before_a - before_b : before_b - before_a;
  if (wide % narrow != 0 || apart % narrow != 0) {
    Freeze({a, b}, "channels of different sizes meet");
    return;
  }
  const Place parent = {(a_is_wider ? in_a : in_b).space, apart / narrow, wide / narrow};
  Hang((a_is_wider ? in_b : in_a).space, parent);
}

void ChannelSpaces::Unify(const ChannelAxis& a, const ChannelAxis& b) {
  if (Elements(a) != Elements(b)) {
    Freeze(a, "it meets another number of channels");
    Freeze(b, "it meets another number of channels");
    return;
  }
  // `in_a` and `in_b` elements of the present runs are done.
  for (size_t i = 0, j = 0, in_a = 0, in_b = 0; i < a.size() && j < b.size();) {
    const ChannelRun left = Behind(a[i], static_cast<int64_t>(in_a));
    const ChannelRun right = Behind(b[j], static_cast<int64_t>(in_b));
    Join(left, right);
    const int64_t step = std::min(left.Elements(), right.Elements());
    if (step % left.repeat != 0 || step % right.repeat != 0) {
      Freeze(a, "channels that go together are cut apart");
      Freeze(b, "channels that go together are cut apart");
      return;
    }
    in_a += static_cast<size_t>(step);
    in_b += static_cast<size_t>(step);
    if (left.Elements() == step) ++i, in_a = 0;
    if (right.Elements() == step) ++j, in_b = 0;
  }
}

void ChannelSpaces::Freeze(const ChannelAxis& axis, const std::string& why) {
  for (const ChannelRun& run : axis) {
    Space& root = spaces_[Find(run.space).space];
    if (root.why.empty()) root.why = why;
  }
}

}  // namespace nacre::graph_internal
