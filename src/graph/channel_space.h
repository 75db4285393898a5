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

// Union-find over spaces, where each space lies at a shift within its parent (a "weighted"
// union-find).
class ChannelSpaces {
 public:
  // A new space of `width` channels; the axis that is all of it.
  ChannelAxis Fresh(int64_t width);
  // Says that element i of both axes is the same channel. Freezes both where that cannot be.
  void Unify(const ChannelAxis& a, const ChannelAxis& b);
  // The channels may not be removed; the first reason given stays.
  void Freeze(const ChannelAxis& axis, const std::string& why);

  // The same run, told in the numbering of its root space, whose lowest channel is 0.
  ChannelRun Resolve(const ChannelRun& run);
  int64_t Width(int root) const { return spaces_[root].high - spaces_[root].low; }
  const std::string& WhyFrozen(int root) const { return spaces_[root].why; }

 private:
  struct Space {
    int parent;
    int64_t shift;      // add to a channel of this space to get the parent's
    int64_t low, high;  // of a root: the channels that exist
    std::string why;    // of a root: why it is frozen
  };
  int Find(int space, int64_t& shift);
  void Join(const ChannelRun& a, const ChannelRun& b);

  std::vector<Space> spaces_;
};

}  // namespace nacre::graph_internal
