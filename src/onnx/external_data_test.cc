// What a model may read beside itself, and what it may not. Each test of an attack is named after
// the CVE of the onnx package in which it was found.
#include "onnx/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "onnx/test_models.h"

namespace nacre {

using namespace onnx_internal;

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ExternalDataTest : public ::testing::Test {
 protected:
  ExternalDataTest() {
    base_ = fs::temp_directory_path() / ("nacre_external_" + std::to_string(::getpid()));
    fs::remove_all(base_);
    fs::create_directories(folder_ = base_ / "model");
    // What an attacker wants: a file of the right length outside the model's folder.
    std::ofstream(base_ / "secret", std::ios::binary) << std::string(32, 's');
  }
  ~ExternalDataTest() override { fs::remove_all(base_); }

  // Weights of 32 bytes that lie where the entries say.
  static TestModel Pointing(const std::vector<std::pair<std::string, std::string>>& entries) {
    TestModel test = OneNode(17, "Add", {"w"});
    test.Floats("w", {8}, {});
    auto* tensor = test.model.mutable_graph()->mutable_initializer(0);
    tensor->set_data_location(proto::TensorProto::EXTERNAL);
    for (const auto& [key, value] : entries) {
      auto* entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    return test;
  }

  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  Expected<Network> Read(const TestModel& test) const {
    return ParseOnnx(test.Bytes(), "m", folder_);
  }

  void ExpectRefused(const TestModel& test, const std::string& part) const {
    const auto network = Read(test);
    ASSERT_FALSE(network.has_value()) << part;
    EXPECT_EQ(network.error().kind, ErrorKind::kModel);
    EXPECT_THAT(network.error().message, HasSubstr(part));
    EXPECT_THAT(network.error().message, HasSubstr("'w'"));
    EXPECT_EQ(network.error().message.find('\n'), std::string::npos);
  }
  void ExpectRefused(const std::string& location, const std::string& part) const {
    ExpectRefused(Pointing({{"location", location}}), part);
  }

  fs::path base_, folder_;
};

TEST_F(ExternalDataTest, IsReadFromTheFolderAndFromFoldersInIt) {
  const std::vector<float> weights = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::string bytes(reinterpret_cast<const char*>(weights.data()), 32);
  Write("w.bin", bytes);
  fs::create_directories(folder_ / "a" / "b");
  Write("a/b/w.bin", std::string(16, '\0') + bytes + "more");
  const auto whole = Read(Pointing({{"location", "w.bin"}}));
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  EXPECT_EQ(whole->initializers.at("w"), Tensor::Floats({8}, weights));
  const auto part =
      Read(Pointing({{"location", "./a/b/w.bin"}, {"offset", "16"}, {"length", "32"}}));
  ASSERT_TRUE(part.has_value()) << part.error().message;
  EXPECT_EQ(part->initializers.at("w"), Tensor::Floats({8}, weights));
}

TEST_F(ExternalDataTest, MissingOrShort) {
  ExpectRefused("none.bin", "copy that file beside the model");
  Write("short.bin", std::string(31, '\0'));
  ExpectRefused(Pointing({{"location", "short.bin"}, {"length", "32"}}), "the file is truncated");
  ExpectRefused(Pointing({{"location", "short.bin"}}), "31 bytes, but are 32");
  ExpectRefused(Pointing({}), "outside the model's folder");
}

TEST_F(ExternalDataTest, Cve2022_25882ParentFolder) {
  ExpectRefused("../secret", "outside the model's folder");
  ExpectRefused((base_ / "secret").string(), "outside the model's folder");
  ExpectRefused("/etc/hostname", "outside the model's folder");
}

// The check looked at the path after it was made normal, or only at its beginning.
TEST_F(ExternalDataTest, Cve2024_27318ParentFolderHiddenInThePath) {
  fs::create_directories(folder_ / "a");
  for (const char* hidden : {"a/../../secret", "./../secret", "a/b/../../../secret", "a/..", "..",
                             "a/../w.bin", "//secret"}) {
    ExpectRefused(hidden, "outside the model's folder");
  }
  Write("w.bin", std::string(32, '\0'));
  ExpectRefused(std::string("w.bin\0/../../secret", 19), "outside the model's folder");
}

TEST_F(ExternalDataTest, Cve2026_27489SymbolicLink) {
  fs::create_symlink(base_ / "secret", folder_ / "w.bin");
  ExpectRefused("w.bin", "symbolic link");
  Write("real.bin", std::string(32, '\0'));
  fs::create_symlink("real.bin", folder_ / "inside.bin");  // nor one that stays inside
  ExpectRefused("inside.bin", "symbolic link");
}

TEST_F(ExternalDataTest, Cve2026_34447SymbolicLinkInThePath) {
  fs::create_directory_symlink(base_, folder_ / "up");
  ExpectRefused("up/secret", "symbolic link");
  fs::create_directories(folder_ / "a");
  fs::create_directory_symlink(base_, folder_ / "a" / "up");
  ExpectRefused("a/up/secret", "symbolic link");
}

TEST_F(ExternalDataTest, Cve2026_34446HardLink) {
  fs::create_hard_link(base_ / "secret", folder_ / "w.bin");
  ExpectRefused("w.bin", "hard link");
}

// Unknown keys, and numbers that take memory before they are checked.
TEST_F(ExternalDataTest, Cve2026_34445KeysAndNumbers) {
  Write("w.bin", std::string(32, '\0'));
  EXPECT_TRUE(Read(Pointing({{"location", "w.bin"}, {"__class__", "x"}, {"basepath", "/etc"}})));
  const std::string most = "18446744073709551615";
  for (const std::string& number :
       {std::string("-1"), std::string("x"), std::string("1e9"), std::string(" 1"), most + "0"}) {
    for (const char* key : {"offset", "length"}) {
      ExpectRefused(Pointing({{"location", "w.bin"}, {key, number}, {"checksum", "'w'"}}),
                    "which is no number");
    }
  }
  ExpectRefused(Pointing({{"location", "w.bin"}, {"length", most}}), "truncated");
  ExpectRefused(Pointing({{"location", "w.bin"}, {"offset", most}}), "truncated");
  ExpectRefused(Pointing({{"location", "w.bin"}, {"offset", "16"}, {"length", most}}), "truncated");
  // A file with a hole is as long as it says, but not what the shape asks for.
  fs::resize_file(folder_ / "w.bin", uintmax_t{1} << 40);
  ExpectRefused("w.bin", "but are 32");
}

// Writing follows neither what the model says nor a link that waits there.
TEST_F(ExternalDataTest, Cve2025_51480NothingIsWrittenElsewhere) {
  Write("w.bin", std::string(32, '\0'));
  const auto network = Read(Pointing({{"location", "w.bin"}}));
  ASSERT_TRUE(network.has_value());
  fs::create_directories(base_ / "out");
  fs::create_symlink(base_ / "secret", base_ / "out" / "m.onnx.part");
  fs::create_symlink(base_ / "secret", base_ / "out" / "m.onnx");
  const auto written = WriteOnnx(*network, base_ / "out" / "m.onnx");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_FALSE(fs::is_symlink(base_ / "out" / "m.onnx"));
  EXPECT_EQ(std::distance(fs::directory_iterator(base_ / "out"), {}), 1);
  EXPECT_EQ(fs::file_size(base_ / "secret"), 32u);
  const auto model = Written(*network);
  for (const auto& tensor : model.graph().initializer()) {
    EXPECT_EQ(tensor.external_data_size(), 0);
    EXPECT_FALSE(tensor.has_data_location());
  }
}

// What stays as it is in the file would otherwise name files to whoever opens the result.
TEST_F(ExternalDataTest, SparseWeightsAreCheckedToo) {
  const auto with = [](const std::string& location) {
    TestModel test = Pointing({{"location", location}});
    auto* graph = test.model.mutable_graph();
    auto* sparse = graph->add_sparse_initializer();
    *sparse->mutable_values() = graph->initializer(0);
    sparse->mutable_indices()->set_data_type(proto::TensorProto::INT64);
    sparse->mutable_indices()->add_dims(8);
    for (int i = 0; i < 8; ++i) sparse->mutable_indices()->add_int64_data(i);
    sparse->add_dims(8);
    graph->clear_initializer();
    return test;
  };
  ExpectRefused(with("../secret"), "outside the model's folder");
  Write("w.bin", std::string(32, 'w'));
  const auto network = Read(with("w.bin"));
  ASSERT_TRUE(network.has_value()) << network.error().message;
  EXPECT_EQ(SerializeOnnx(*network).find("w.bin"), std::string::npos);
}

TEST_F(ExternalDataTest, ThingsThatAreNoFiles) {
  fs::create_directories(folder_ / "folder");
  ExpectRefused("folder", "no file");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);  // without a writer: must not wait
  ExpectRefused("pipe", "no file");
}

// The same name is a file when it is read first and a link when it is read next; the first file
// stays what it was.
TEST_F(ExternalDataTest, ASwapBetweenTwoReadingsIsSeen) {
  Write("w.bin", std::string(32, 'w'));
  ExternalData files(folder_);
  const TestModel model = Pointing({{"location", "w.bin"}});
  const auto& tensor = model.model.graph().initializer(0);
  ASSERT_TRUE(files.Read(tensor));
  fs::remove(folder_ / "w.bin");
  fs::create_symlink(base_ / "secret", folder_ / "w.bin");
  EXPECT_FALSE(files.Read(tensor));
}

TEST_F(ExternalDataTest, OneFileIsNotReadAHundredTimes) {
  constexpr int64_t kCount = 1 << 21;  // 8 MiB
  Write("w.bin", "w");
  fs::resize_file(folder_ / "w.bin", 4 * kCount);
  const auto read = [&](int times) {
    TestModel test = Pointing({{"location", "w.bin"}});
    auto* graph = test.model.mutable_graph();
    graph->mutable_initializer(0)->set_dims(0, kCount);
    for (int i = 1; i < times; ++i) {
      *graph->add_initializer() = graph->initializer(0);
      graph->mutable_initializer(i)->set_name("w" + std::to_string(i));
    }
    ExternalData files(folder_);
    for (const auto& tensor : graph->initializer()) {
      if (!files.Read(tensor, 4 * kCount)) return false;
    }
    return true;
  };
  EXPECT_TRUE(read(2));  // weights that two layers share
  EXPECT_FALSE(read(100));
}

}  // namespace
}  // namespace nacre
