// The algebra behind channel groups: axes as runs of channels out of numbered spaces, and the
// merging of spaces.
// Private to graph/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nacre::graph_internal {

// `count` channels from `first` on, out of one space, each `repeat` elements long.
struct ChannelRun {
  int space = 0;
  int64_t first = 0;
  int64_t count = 0;
  int64_t repeat = 1;

  int64_t Elements() const { return count * repeat; }
};

// What the elements of one axis are, outermost first.
using ChannelAxis = std::vector<ChannelRun>;

int64_t Elements(const ChannelAxis& axis);

// The elements [from, to) of an axis. `exact` becomes false when the cut goes through a repeated
// channel.
ChannelAxis Part(const ChannelAxis& axis, int64_t from, int64_t to, bool& exact);

// Union-find over spaces, where each space lies at a shift within its parent, and some of its
// channels in a row are one channel of the parent (a "weighted" union-find): what Flatten and
// DepthToSpace make one channel out of goes or stays together.
class ChannelSpaces {
 public:
  // A new space of `width` channels; the axis that is all of it.
  ChannelAxis Fresh(int64_t width);
  // Says that element i of both axes is the same channel. Freezes both where that cannot be.
  void Unify(const ChannelAxis& a, const ChannelAxis& b);
  // The channels may not be removed; the first reason given stays.
  void Freeze(const ChannelAxis& axis, const std::string& why);

  // The same run, told in the numbering of its root space, whose lowest channel is 0. A run that
  // begins or ends within a channel of the root covers it, and freezes it: ask for all runs once
  // before asking what is frozen.
  ChannelRun Resolve(const ChannelRun& run);
  int64_t Width(int root) const { return spaces_[root].high - spaces_[root].low; }
  const std::string& WhyFrozen(int root) const { return spaces_[root].why; }

 private:
  // Channel c of a space is channel (c + shift) / scale of the space that it lies in.
  struct Place {
    int space = 0;
    int64_t shift = 0, scale = 1;
  };
  struct Space {
    Place parent;          // itself, for a root
    int64_t low, high;     // of a root: the channels that exist
    std::string why = "";  // of a root: why it is frozen
  };
  // Where the space lies in its root.
  Place Find(int space);
  // The first elements of both runs are the same.
  void Join(const ChannelRun& a, const ChannelRun& b);
  // Root `child` becomes part of root `parent.space`.
  void Hang(int child, const Place& parent);

  std::vector<Space> spaces_;
};

}  // namespace nacre::graph_internal
