#include "task/max_drop.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(MaxDrop, ReadsRelativeLossesAndPoints) {
  EXPECT_EQ(ParseMaxDrop("1%"), (MaxDrop{0.01, false}));
  EXPECT_EQ(ParseMaxDrop("0.02"), (MaxDrop{0.02, false}));
  EXPECT_EQ(ParseMaxDrop("0.5pt"), (MaxDrop{0.005, true}));
  EXPECT_EQ(ParseMaxDrop("0"), (MaxDrop{0, false}));
}

TEST(MaxDrop, RefusesWhatIsNoLoss) {
  for (const char* text : {"", "%", "pt", "much", "-1%", "51%", "1 percent", "1%pt", "nan"}) {
    EXPECT_FALSE(ParseMaxDrop(text)) << text;
  }
}

TEST(MaxDrop, ReadsBackWhatItPrints) {
  for (const char* text : {"1%", "0.5pt", "12.5%", "0%"}) {
    EXPECT_EQ(ToString(*ParseMaxDrop(text)), text);
  }
}

TEST(MaxDrop, LimitInItsUnit) {
  EXPECT_DOUBLE_EQ((MaxDrop{0.01, false}).Limit(0.8), 0.792);
  EXPECT_DOUBLE_EQ((MaxDrop{0.01, true}).Limit(0.8), 0.79);
}

TEST(MaxDrop, LossInItsUnit) {
  const PairedCounts counts{.both = 70, .only_original = 10, .only_result = 6, .neither = 14};
  EXPECT_NEAR((MaxDrop{0.01, false}).Of(counts).value, 0.05, 1e-12);
  EXPECT_NEAR((MaxDrop{0.01, true}).Of(counts).value, 0.04, 1e-12);
}

}  // namespace
}  // namespace nacre
