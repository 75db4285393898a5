#include "onnx/contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "onnx/test_models.h"

namespace nacre::onnx_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Contents, CountsTheNodesOfTheFileUnderTheirDomains) {
  TestModel test(11);
  test.Input("x", {1, 3, 8, 8}).Output("y", {1, 3, 8, 8});
  test.Add("Relu", {"x"}, {"a"});
  test.Add("Relu", {"a"}, {"b"}).set_domain("ai.onnx");
  test.Add("Relu", {"b"}, {"y"}).set_domain("com.example");
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("nacre_contents_" + std::to_string(::getpid()) + ".onnx");
  std::ofstream(file, std::ios::binary) << test.model.SerializeAsString();
  const auto contents = ContentsOf(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->opset, 11);
  EXPECT_THAT(contents->operations, ElementsAre(Pair("Relu", 2), Pair("com.example.Relu", 1)));
}

TEST(Contents, AFileThatIsMissingIsAnErrorOfTheModel) {
  const auto contents = ContentsOf("/nonexistent/model.onnx");
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().kind, ErrorKind::kModel);
}

TEST(Contents, ANetworkIsCountedTheSameWay) {
  Network network;
  network.nodes = {{.op = "Conv"}, {.op = "Conv"}, {.op = "FusedConv", .domain = "com.microsoft"}};
  EXPECT_THAT(CountOperations(network),
              ElementsAre(Pair("Conv", 2), Pair("com.microsoft.FusedConv", 1)));
}

}  // namespace
}  // namespace nacre::onnx_internal
