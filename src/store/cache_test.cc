#include "store/cache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace nacre {
namespace {

namespace fs = std::filesystem;

class Cache : public testing::Test {
 protected:
  Cache() {
    setenv("NACRE_CACHE", folder_.c_str(), 1);
    fs::remove_all(folder_);
  }
  ~Cache() override {
    fs::remove_all(folder_);
    unsetenv("NACRE_CACHE");
  }
  const fs::path folder_ = fs::path(testing::TempDir()) / "nacre_cache_test";
};

TEST_F(Cache, CountsLooksOfEachSetApart) {
  EXPECT_EQ(CountLook("aaaa", "runs/one"), 1);
  EXPECT_EQ(CountLook("aaaa", "runs/two"), 2);
  EXPECT_EQ(CountLook("bbbb", "runs/two"), 1);
  EXPECT_EQ(CountLook("aaaa", "runs/two"), 3);
}

TEST_F(Cache, SaysWhyItCannotBeWritten) {
  std::ofstream(folder_) << "a file where the folder should be";
  const auto look = CountLook("aaaa", "runs/one");
  ASSERT_FALSE(look);
  EXPECT_NE(look.error().message.find(folder_.string()), std::string::npos) << look.error().message;
}

TEST_F(Cache, FolderFollowsTheEnvironment) {
  EXPECT_EQ(CacheFolder(), folder_);
  unsetenv("NACRE_CACHE");
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(CacheFolder(), "/somewhere/nacre");
  unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace nacre
