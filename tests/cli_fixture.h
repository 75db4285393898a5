// A temporary folder with a small network and a small rendered image set, and the built binary to
// run on them.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "examples/demo/demo.h"
#include "examples/demo/render.h"
#include "onnx/onnx.h"

namespace nacre {

class CliTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = testing::TempDir() + "nacre_cli_XXXXXX";
    root_ = mkdtemp(name.data());
    RenderOptions render{.size = 16, .classes = 4, .train_per_class = 60, .test_per_class = 20};
    ASSERT_TRUE(RenderShapes(root_ / "data", render));
    ASSERT_TRUE(WriteOnnx(CifarResNet(1, 16, 4, 1), root_ / "model.onnx"));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(root_); }

  static std::string Path(const std::string& name) { return (root_ / name).string(); }

  static std::vector<std::string> Environment() {
    return {"OMP_WAIT_POLICY=passive", "NACRE_CACHE=" + Path("cache")};
  }

  static ProcessResult Nacre(std::vector<std::string> arguments, Seconds timeout = Seconds(120)) {
    arguments.insert(arguments.begin(), NACRE_BINARY);
    auto result =
        RunProcess({.arguments = arguments, .environment = Environment(), .timeout = timeout});
    EXPECT_TRUE(result);
    return *result;
  }

  // The same in a network namespace of its own, which has no device that is up. Where namespaces
  // are not permitted it runs as it is, and the test's output says so.
  static ProcessResult NacreWithoutNetwork(std::vector<std::string> arguments, Seconds timeout) {
    const std::vector<std::string> alone = {"unshare", "--map-root-user", "--net"};
    std::vector<std::string> tried = alone;
    tried.insert(tried.end(), {"cat", "/proc/net/route"});
    const auto routes = RunProcess({.arguments = tried, .timeout = Seconds(10)});
    if (!routes || !routes->ok()) {
      printf("no network namespace is permitted here: the run has the machine's network\n");
      return Nacre(std::move(arguments), timeout);
    }
    // At most the heading of the table.
    EXPECT_LE(std::count(routes->output.begin(), routes->output.end(), '\n'), 1) << "a route";
    arguments.insert(arguments.begin(), NACRE_BINARY);
    arguments.insert(arguments.begin(), alone.begin(), alone.end());
    auto result =
        RunProcess({.arguments = arguments, .environment = Environment(), .timeout = timeout});
    EXPECT_TRUE(result);
    return *result;
  }

  // A file of the folder, whole; empty when it is not there.
  static std::string Text(const std::string& name) {
    std::ifstream file(root_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  static void Write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << bytes;
  }

  static inline std::filesystem::path root_;
};

}  // namespace nacre
