#include "engine/shares.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace nacre {
namespace {

TEST(Shares, AreAllListedWithASource) {
  std::set<std::string_view> names;
  for (const Number* number : shares::All()) {
    EXPECT_TRUE(names.insert(number->name).second) << number->name;
    EXPECT_FALSE(number->meaning.empty()) << number->name;
    EXPECT_FALSE(number->source.empty()) << number->name;
  }
  std::ifstream file(NACRE_SOURCE_DIR "/src/engine/shares.h");
  std::stringstream text;
  text << file.rdbuf();
  const std::string header = text.str();
  const std::regex declaration("inline constexpr Number");
  const auto declared = std::distance(
      std::sregex_iterator(header.begin(), header.end(), declaration), std::sregex_iterator());
  EXPECT_EQ(static_cast<size_t>(declared), names.size()) << "a number is missing in All()";
}

TEST(Shares, OfOneWholeDoNotExceedIt) {
  EXPECT_DOUBLE_EQ(shares::kFirstRung + shares::kSecondRung, 1);
  EXPECT_LT(shares::kDistillation + shares::kScores + shares::kTeacherOutputs, shares::kSearchEnds);
  EXPECT_LE(shares::kSearchEnds + shares::kFinalists, 1);
  EXPECT_LT(shares::kFirstFinalistLeast, shares::kFirstFinalistMost);
}

}  // namespace
}  // namespace nacre
