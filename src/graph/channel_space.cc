#include "graph/channel_space.h"

#include <algorithm>

namespace nacre::graph_internal {

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
  spaces_.push_back({space, 0, 0, width, ""});
  return {{space, 0, width, 1}};
}

int ChannelSpaces::Find(int space, int64_t& shift) {
  int root = space;
  shift = 0;
  while (spaces_[root].parent != root) {
    shift += spaces_[root].shift;
    root = spaces_[root].parent;
  }
  // Path compression: everything on the way now lies directly in the root.
  for (int64_t left = shift; space != root;) {
    const int next = spaces_[space].parent;
    const int64_t step = spaces_[space].shift;
    spaces_[space].parent = root;
    spaces_[space].shift = left;
    left -= step;
    space = next;
  }
  return root;
}

ChannelRun ChannelSpaces::Resolve(const ChannelRun& run) {
  int64_t shift = 0;
  const int root = Find(run.space, shift);
  return {root, run.first + shift - spaces_[root].low, run.count, run.repeat};
}

void ChannelSpaces::Join(const ChannelRun& a, const ChannelRun& b) {
  int64_t shift_a = 0, shift_b = 0;
  const int root_a = Find(a.space, shift_a), root_b = Find(b.space, shift_b);
  const int64_t shift = a.first + shift_a - b.first - shift_b;  // from root_b to root_a
  if (root_a == root_b) {
    if (shift != 0) Freeze({a}, "its channels meet a shifted copy of themselves");
    return;
  }
  Space& parent = spaces_[root_a];
  Space& child = spaces_[root_b];
  parent.low = std::min(parent.low, child.low + shift);
  parent.high = std::max(parent.high, child.high + shift);
  if (parent.why.empty()) parent.why = child.why;
  child.parent = root_a;
  child.shift = shift;
}

void ChannelSpaces::Unify(const ChannelAxis& a, const ChannelAxis& b) {
  if (Elements(a) != Elements(b)) {
    Freeze(a, "it meets another number of channels");
    Freeze(b, "it meets another number of channels");
    return;
  }
  for (size_t i = 0, j = 0, in_a = 0, in_b = 0; i < a.size() && j < b.size();) {
    const ChannelRun left{a[i].space, a[i].first + static_cast<int64_t>(in_a),
                          a[i].count - static_cast<int64_t>(in_a), a[i].repeat};
    const ChannelRun right{b[j].space, b[j].first + static_cast<int64_t>(in_b),
                           b[j].count - static_cast<int64_t>(in_b), b[j].repeat};
    if (left.repeat != right.repeat) {
      Freeze(a, "flattened channels meet others");
      Freeze(b, "flattened channels meet others");
      return;
    }
    Join(left, right);
    const int64_t step = std::min(left.count, right.count);
    in_a += step;
    in_b += step;
    if (left.count == step) ++i, in_a = 0;
    if (right.count == step) ++j, in_b = 0;
  }
}

void ChannelSpaces::Freeze(const ChannelAxis& axis, const std::string& why) {
  for (const ChannelRun& run : axis) {
    int64_t shift = 0;
    Space& root = spaces_[Find(run.space, shift)];
    if (root.why.empty()) root.why = why;
  }
}

}  // namespace nacre::graph_internal
