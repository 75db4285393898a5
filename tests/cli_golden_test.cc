// What the command line says, word for word: tests/golden/cli. NACRE_UPDATE_GOLDEN=1 writes the
// files anew; look at the difference before it is committed.
#include <cstdlib>
#include <sstream>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

class GoldenTest : public CliTest {
 protected:
  static void Compare(const std::string& name, std::string text) {
    for (size_t at; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "ROOT");
    const fs::path path = fs::path(NACRE_SOURCE_DIR) / "tests" / "golden" / "cli" / (name + ".txt");
    if (std::getenv("NACRE_UPDATE_GOLDEN") != nullptr) {
      fs::create_directories(path.parent_path());
      std::ofstream(path) << text;
    }
    std::ifstream file(path);
    std::ostringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(text, expected.str()) << path;
  }
};

TEST_F(GoldenTest, Help) {
  Compare("help", Nacre({"--help"}).output);
  for (const std::string command :
       {"doctor", "inspect", "convert", "optimize", "resume", "status", "report", "export", "eval",
        "bench", "quantize", "config", "demo", "target"}) {
    const ProcessResult result = Nacre({command, "--help"});
    EXPECT_EQ(result.exit_code, 0);
    Compare("help-" + command, result.output);
  }
}

TEST_F(GoldenTest, AFirstRunFile) {
  ASSERT_EQ(Nacre({"config", "init", Path("first.toml")}).exit_code, 0);
  std::ifstream file(Path("first.toml"));
  std::ostringstream text;
  text << file.rdbuf();
  Compare("config-init", text.str());
}

TEST_F(GoldenTest, Complaints) {
  Write("broken.onnx", "no model");
  Write("unknown.toml", "schema = 1\n[serch]\nbudget = \"1h\"\n");
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"no-command", {}},
      {"unknown-command", {"optimise"}},
      {"unknown-option", {"bench", Path("model.onnx"), "--bach", "2"}},
      {"no-model", {"inspect", Path("none.onnx")}},
      {"broken-model", {"inspect", Path("broken.onnx")}},
      {"no-run", {"resume", Path("nowhere")}},
      {"unknown-target", {"inspect", Path("model.onnx"), "--target", "gpu:int8"}},
      {"unknown-precision", {"inspect", Path("model.onnx"), "--target", "cpu:int7"}},
      {"unknown-key", {"config", "check", Path("unknown.toml")}},
      {"no-data", {"eval", Path("model.onnx"), "--test", Path("nodata"), "--size", "16,16"}},
  };
  std::string text;
  for (const auto& [name, arguments] : cases) {
    const ProcessResult result = Nacre(arguments);
    text += name + " (exit code " + std::to_string(result.exit_code) + ")\n" + result.errors +
            result.output + "\n";
  }
  Compare("complaints", text);
}

}  // namespace
}  // namespace nacre
