#include <gmock/gmock.h>

#include <sstream>

#include "graph/builder.h"
#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using testing::HasSubstr;

class BadInput : public CliTest {
 protected:
  // Runs `optimize` with good arguments but for those that come after; expects code and message,
  // and no run folder.
  void Expect(int code, const std::string& says, std::vector<std::string> changed,
              const std::string& model = "model.onnx") {
    std::vector<std::string> arguments = {"optimize", Path(model), "--data",   Path("data"),
                                          "--out",    Path("run"), "--budget", "2m"};
    for (size_t i = 0; i + 1 < changed.size(); i += 2) {
      const auto old = std::find(arguments.begin(), arguments.end(), changed[i]);
      if (old != arguments.end()) {
        *(old + 1) = changed[i + 1];
      } else {
        arguments.insert(arguments.end(), {changed[i], changed[i + 1]});
      }
    }
    const ProcessResult result = Nacre(arguments);
    EXPECT_EQ(result.exit_code, code) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(says));
    EXPECT_FALSE(std::filesystem::exists(Path("run"))) << "a refusal leaves no folder";
    std::filesystem::remove_all(Path("run"));
  }
};

TEST_F(BadInput, Models) {
  Write("text.onnx", "this is no network");
  Expect(3, "text.onnx", {}, "text.onnx");
  std::ifstream whole(Path("model.onnx"), std::ios::binary);
  std::stringstream bytes;
  bytes << whole.rdbuf();
  Write("half.onnx", bytes.str().substr(0, bytes.str().size() / 2));
  Expect(3, "half.onnx", {}, "half.onnx");
  Expect(3, "none.onnx", {}, "none.onnx");
}

TEST_F(BadInput, PreprocessingThatDoesNotFit) {
  Expect(3, "data.preprocess.size", {"--size", "32,32"});
  Expect(4, "takes images of 3 channels", {"--color", "gray"});
  Expect(4, "color", {"--color", "gray", "--out", Path("run/of/today")});
  Expect(2, "--size", {"--size", "16"});
  Expect(2, "std", {"--std", "1,0,1"});
}

TEST_F(BadInput, Data) {
  Expect(4, "nowhere", {"--data", Path("nowhere")});
  ASSERT_TRUE(WriteOnnx(CifarResNet(1, 16, 7, 1), Path("seven.onnx")));
  Expect(4, "7", {}, "seven.onnx");
  Write("garbage/train/a/1.jpg", "no image");
  Write("garbage/train/b/1.jpg", "");
  Write("garbage/test/a/1.jpg", "no image");
  Expect(4, "garbage", {"--data", Path("garbage")});
}

TEST_F(BadInput, Targets) {
  Expect(5, "threads", {"--target", "cpu:int8,threads=999"});
  Expect(2, "gpu", {"--target", "gpu:int8"});
  Expect(2, "int4", {"--target", "cpu:int4"});
}

TEST_F(BadInput, Settings) {
  Expect(2, "give at least", {"--budget", "5s"});
  Expect(2, "--budget", {"--budget", "soon"});
  Write("bad.toml", "[search]\nbugdet = \"2h\"\n");
  const ProcessResult result = Nacre({"optimize", Path("bad.toml")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("search.budget"));
  EXPECT_EQ(Nacre({"optimise"}).exit_code, 2);
  EXPECT_EQ(Nacre({"optimize", "--help"}).exit_code, 0);
}

TEST_F(BadInput, OutputFolders) {
  Write("full/precious.txt", "mine");
  Expect(2, "not empty", {"--out", Path("full")});
  EXPECT_TRUE(std::filesystem::exists(Path("full/precious.txt")));
  Expect(1, "/proc/nacre", {"--out", "/proc/nacre"});
  EXPECT_EQ(Nacre({"resume", Path("full")}).exit_code, 2);
}

TEST_F(BadInput, AStatedAccuracyThatIsNotReachedStopsTheRun) {
  Expect(4, "99", {"--accuracy", "0.99"});
}

}  // namespace
}  // namespace nacre
