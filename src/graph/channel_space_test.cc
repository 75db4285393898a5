#include "graph/channel_space.h"

#include <gtest/gtest.h>

namespace nacre::graph_internal {
namespace {

void ExpectRun(const ChannelRun& run, int64_t first, int64_t count, int64_t repeat) {
  EXPECT_EQ(run.first, first);
  EXPECT_EQ(run.count, count);
  EXPECT_EQ(run.repeat, repeat);
}

ChannelAxis Repeated(ChannelAxis axis, int64_t times) {
  for (ChannelRun& run : axis) run.repeat *= times;
  return axis;
}

TEST(ChannelSpaces, PlaceANarrowSpaceInAWiderOne) {
  ChannelSpaces spaces;
  const ChannelAxis wide = spaces.Fresh(10), narrow = spaces.Fresh(4);
  bool exact = true;
  spaces.Unify(Part(wide, 3, 7, exact), narrow);
  EXPECT_TRUE(exact);
  EXPECT_EQ(spaces.Resolve(wide[0]).space, spaces.Resolve(narrow[0]).space);
  ExpectRun(spaces.Resolve(narrow[0]), 3, 4, 1);
  EXPECT_EQ(spaces.Width(spaces.Resolve(wide[0]).space), 10);
}

TEST(ChannelSpaces, PutChannelsTogether) {
  ChannelSpaces spaces;
  const ChannelAxis single = spaces.Fresh(12), blocks = spaces.Fresh(3);
  spaces.Unify(single, Repeated(blocks, 4));
  const ChannelRun root = spaces.Resolve(single[0]);
  ExpectRun(root, 0, 3, 4);
  EXPECT_EQ(spaces.Width(root.space), 3);
  EXPECT_EQ(spaces.WhyFrozen(root.space), "");
}

// What joins single channels later goes together as well, whichever side comes first.
TEST(ChannelSpaces, PutWhatJoinsThemTogetherToo) {
  ChannelSpaces spaces;
  const ChannelAxis single = spaces.Fresh(12), blocks = spaces.Fresh(3), other = spaces.Fresh(12);
  spaces.Unify(single, Repeated(blocks, 4));
  spaces.Unify(other, single);
  ExpectRun(spaces.Resolve(other[0]), 0, 3, 4);
  const ChannelAxis late = spaces.Fresh(3), pairs = spaces.Fresh(6);
  spaces.Unify(Repeated(late, 4), Repeated(pairs, 2));
  spaces.Unify(Repeated(late, 4), single);
  ExpectRun(spaces.Resolve(pairs[0]), 0, 3, 2);
  EXPECT_EQ(spaces.Width(spaces.Resolve(single[0]).space), 3);
}

TEST(ChannelSpaces, FreezeWhatIsCutApart) {
  ChannelSpaces spaces;
  const ChannelAxis single = spaces.Fresh(12), blocks = spaces.Fresh(3);
  spaces.Unify(single, Repeated(blocks, 4));
  bool exact = true;
  const ChannelRun cut = spaces.Resolve(Part(single, 2, 8, exact)[0]);
  EXPECT_EQ(cut.first, 0);
  EXPECT_EQ(cut.count, 2);
  EXPECT_NE(spaces.WhyFrozen(cut.space), "");
}

TEST(ChannelSpaces, FreezeSizesThatDoNotDivideEachOther) {
  ChannelSpaces spaces;
  const ChannelAxis pairs = spaces.Fresh(6), triples = spaces.Fresh(4);
  spaces.Unify(Repeated(pairs, 2), Repeated(triples, 3));
  EXPECT_NE(spaces.WhyFrozen(spaces.Resolve(pairs[0]).space), "");
  EXPECT_NE(spaces.WhyFrozen(spaces.Resolve(triples[0]).space), "");
}

TEST(ChannelSpaces, FreezeAShiftedCopy) {
  ChannelSpaces spaces;
  const ChannelAxis axis = spaces.Fresh(6);
  bool exact = true;
  spaces.Unify(Part(axis, 0, 3, exact), Part(axis, 3, 6, exact));
  EXPECT_NE(spaces.WhyFrozen(spaces.Resolve(axis[0]).space), "");
}

TEST(ChannelSpaces, FreezeAnotherNumber) {
  ChannelSpaces spaces;
  const ChannelAxis five = spaces.Fresh(5), six = spaces.Fresh(6);
  spaces.Unify(five, six);
  EXPECT_NE(spaces.WhyFrozen(spaces.Resolve(five[0]).space), "");
  EXPECT_NE(spaces.WhyFrozen(spaces.Resolve(six[0]).space), "");
}

}  // namespace
}  // namespace nacre::graph_internal
