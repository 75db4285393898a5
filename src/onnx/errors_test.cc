// Every broken file ends in one helpful line, and none in a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "onnx/test_models.h"

namespace nacre {

using namespace onnx_internal;

namespace {

using ::testing::HasSubstr;

void ExpectModelError(const Expected<Network>& network, const std::string& part) {
  ASSERT_FALSE(network.has_value());
  EXPECT_EQ(network.error().kind, ErrorKind::kModel);
  EXPECT_THAT(network.error().message, HasSubstr(part));
  EXPECT_EQ(network.error().message.find('\n'), std::string::npos);
}

class Folder {
 public:
  Folder() {
    path_ = std::filesystem::temp_directory_path() /
            ("nacre_onnx_errors_" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(OnnxErrorsTest, FilesThatAreNoModels) {
  const Folder folder;
  ExpectModelError(ReadOnnx(folder.path() / "none.onnx"), "does not exist");
  ExpectModelError(ReadOnnx(folder.path()), "is not a file");
  ExpectModelError(ReadOnnx(folder.Write("empty.onnx", "")), "is empty");
  ExpectModelError(ReadOnnx(folder.Write("text.onnx", "<?xml version=\"1.0\"?>\n<net/>\n")),
                   "is not an ONNX file");
  ExpectModelError(ReadOnnx(folder.Write("image.onnx", "\x89PNG\r\n\x1a\n and more")),
                   "is not an ONNX file");
}

TEST(OnnxErrorsTest, EveryPrefixOfAModelIsRefused) {
  TestModel test = OneNode(17, "Add", {"w"});
  test.Floats("w", {8}, std::vector<float>(8, 1.0f));
  const std::string bytes = test.Bytes();
  ASSERT_TRUE(ParseOnnx(bytes).has_value());
  // The opset stands behind the graph, so nothing short of the whole is a model.
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto network = ParseOnnx(bytes.substr(0, length));
    ASSERT_FALSE(network.has_value()) << length;
    EXPECT_EQ(network.error().kind, ErrorKind::kModel);
  }
  ExpectModelError(ParseOnnx(bytes.substr(0, bytes.size() / 2), "cut.onnx"),
                   "'cut.onnx' is truncated or damaged");
}

TEST(OnnxErrorsTest, EveryByteFlippedIsSurvived) {
  TestModel test = OneNode(11, "Unsqueeze");
  TestModel::Set(FirstNode(test), "axes", std::vector<int64_t>{0});
  test.Floats("w", {2}, {1, 2});
  const std::string bytes = test.Bytes();
  int refused = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\x7f'}) {
      std::string broken = bytes;
      broken[i] = static_cast<char>(broken[i] ^ flip);
      refused += ParseOnnx(broken).has_value() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(OnnxErrorsTest, OpsetsOutsideTheRange) {
  ExpectModelError(OneNode(6, "Relu").Read(), "uses opset 6, nacre reads 7 to 24");
  ExpectModelError(OneNode(25, "Relu").Read(), "uses opset 25, nacre reads 7 to 24");
  EXPECT_TRUE(OneNode(7, "Relu").Read().has_value());
  EXPECT_TRUE(OneNode(24, "Relu").Read().has_value());
}

TEST(OnnxErrorsTest, WhatStaysAsItIsMustMeanTheSameToday) {
  TestModel old = OneNode(9, "Slice");  // without starts: it cannot be raised
  ExpectModelError(old.Read(), "convert the model with onnx.version_converter to opset 17");
}

TEST(OnnxErrorsTest, GraphsWithoutNodesOrGraph) {
  TestModel nothing(17);
  nothing.Input("x", {1}).Output("x", {1});
  ExpectModelError(nothing.Read(), "graph without nodes");
  nothing.model.clear_graph();
  ExpectModelError(nothing.Read(), "holds no graph");
}

TEST(OnnxErrorsTest, WeightsThatDoNotFitTheirShape) {
  TestModel test = OneNode(17, "Add", {"w"});
  test.Floats("w", {8}, {1, 2, 3});
  ExpectModelError(test.Read(), "'w' hold 12 bytes, not a float tensor of shape [8]");
  test.model.mutable_graph()->mutable_initializer(0)->set_dims(0, -5);
  ExpectModelError(test.Read(), "impossible shape");
}

TEST(OnnxErrorsTest, GraphsThatHangTogetherWrongly) {
  ExpectModelError(OneNode(17, "Add", {"nowhere"}).Read(), "nowhere");
  TestModel sequence = OneNode(17, "Relu");
  sequence.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_sequence_type()
      ->mutable_elem_type();
  ExpectModelError(sequence.Read(), "input 'x' is not a tensor");
  TestModel shapeless = OneNode(17, "Relu");
  shapeless.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->clear_shape();
  ExpectModelError(shapeless.Read(), "input 'x' has no shape");
}

TEST(OnnxErrorsTest, NothingHalfWritten) {
  const Folder folder;
  const auto network = OneNode(17, "Relu").Read();
  ASSERT_TRUE(network.has_value());
  const auto written = WriteOnnx(*network, folder.path() / "no" / "such" / "folder.onnx");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::kUsage);
  ASSERT_TRUE(WriteOnnx(*network, folder.path() / "m.onnx").has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "m.onnx.part"));
  EXPECT_TRUE(ReadOnnx(folder.path() / "m.onnx").has_value());
}

}  // namespace
}  // namespace nacre
