#include "forecast/priors.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace nacre {
namespace {

// How many numbers the headers declare.
size_t Declared() {
  const std::regex declaration("inline constexpr Number k[A-Z]");
  size_t declared = 0;
  const std::string folder = std::string(NACRE_SOURCE_DIR) + "/src/forecast/priors";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    declared += static_cast<size_t>(
        std::distance(std::sregex_iterator(text.begin(), text.end(), declaration), {}));
  }
  return declared;
}

TEST(Priors, AllAreListedOnce) {
  std::set<const Number*> distinct(priors::All().begin(), priors::All().end());
  EXPECT_EQ(distinct.size(), priors::All().size());
  EXPECT_GT(Declared(), 50u);
  EXPECT_EQ(priors::All().size(), Declared());
}

TEST(Priors, EachHasAUniqueDottedNameAndSaysWhereItComesFrom) {
  std::set<std::string_view> names;
  const std::regex name("[a-z0-9]+\\.[a-z0-9_]+"), month("20[0-9]{2}-[01][0-9]");
  for (const Number* number : priors::All()) {
    const std::string text(number->name);
    EXPECT_TRUE(names.insert(number->name).second) << text;
    EXPECT_TRUE(std::regex_match(text, name)) << text;
    EXPECT_TRUE(number->meaning.ends_with('.')) << text;
    EXPECT_FALSE(number->source.empty()) << text;
    EXPECT_FALSE(number->data.empty()) << text;
    EXPECT_TRUE(std::regex_match(std::string(number->date), month)) << text;
  }
}

TEST(Priors, TheSweepIsOfSharesTighterAndTighter) {
  ASSERT_EQ(priors::kSweep.size(), static_cast<size_t>(priors::kSweepBudgets.Count()));
  double before = 1;
  for (const double share : priors::kSweep) {
    EXPECT_GT(share, 0);
    EXPECT_LT(share, before);
    before = share;
  }
}

}  // namespace
}  // namespace nacre
