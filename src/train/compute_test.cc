#include "train/compute.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(CheckCompute, TakesTheCpuByDefault) {
  EXPECT_TRUE(CheckCompute({}));
  EXPECT_TRUE(CheckCompute({.threads = 1, .bf16 = true}));
}

TEST(CheckCompute, NamesTheDeviceThatIsNotSupported) {
  const auto checked = CheckCompute({.device = "cuda"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kUsage);
  EXPECT_NE(checked.error().message.find("'cuda'"), std::string::npos);
}

TEST(CheckCompute, RefusesToComputeWithoutThreads) {
  const auto checked = CheckCompute({.threads = 0});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace nacre
