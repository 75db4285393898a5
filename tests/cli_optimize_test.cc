#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using testing::HasSubstr;

nlohmann::json ReadJson(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

class Optimize : public CliTest {
 protected:
  static std::string Events() { return Text("run/events.jsonl"); }

  // The images of a class folder each, without the folders.
  static void CopyWithoutLabels(const std::string& from, const std::string& to) {
    std::filesystem::create_directories(Path(to));
    int number = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Path(from))) {
      if (!entry.is_regular_file()) continue;
      std::filesystem::copy_file(entry.path(), Path(to + "/" + std::to_string(++number) + ".png"));
    }
  }

  // Classes in the other order make other answers right; the metric is named.
  static void ExpectOrderOfClassesAndMetric() {
    std::vector<std::string> classes;
    for (const auto& entry : std::filesystem::directory_iterator(Path("data/test")))
      classes.push_back(entry.path().filename().string());
    std::sort(classes.begin(), classes.end());
    const auto accuracy = [&](const std::string& metric) {
      std::ofstream list(Path("classes.txt"));
      for (const std::string& name : classes) list << name << "\n";
      list.close();
      const ProcessResult told =
          Nacre({"eval", Path("out/model.int8.onnx"), "--test", Path("data/test"), "--classes",
                 Path("classes.txt"), "--metric", metric, "--json"});
      EXPECT_EQ(told.exit_code, 0) << told.errors;
      const auto figures = nlohmann::json::parse(told.output);
      EXPECT_EQ(figures["metric"], metric);
      return figures["accuracy"].get<double>();
    };
    // All classes have as many images, and an answer is right in one of the orders.
    EXPECT_NEAR(accuracy("balanced"), accuracy("top1"), 1e-9);
    double sum = 0;
    for (size_t turn = 0; turn < classes.size(); ++turn) {
      sum += accuracy("top1");
      std::rotate(classes.begin(), classes.begin() + 1, classes.end());
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }

  // With a larger budget a run that has ended keeps what it has found and goes on from it.
  static void ExpectAnotherRound() {
    std::set<std::string> known, after;
    for (const auto& entry : ReadJson(Path("run/front.json"))) known.insert(entry["id"]);
    const std::string before = Events();
    const ProcessResult refused = Nacre({"resume", Path("run"), "--budget", "121s"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr("give at least 3m"));
    auto environment = ReadJson(Path("run/environment.json"));
    EXPECT_THAT(Nacre({"--version"}).output, HasSubstr(environment["nacre"].get<std::string>()));
    environment["nacre"] = "0.0.9 (abc)";
    std::ofstream(Path("run/environment.json")) << environment;
    const ProcessResult round = Nacre({"resume", Path("run"), "--budget", "3m"}, Seconds(180));
    ASSERT_THAT(round.exit_code, testing::AnyOf(0, 6)) << round.errors;
    EXPECT_THAT(round.errors, HasSubstr("nacre was 0.0.9 (abc) when"));
    const std::string events = Events().substr(before.size());
    EXPECT_THAT(events, testing::Not(HasSubstr("\"kind\":\"distill\"")));
    EXPECT_THAT(events, HasSubstr("\"kind\":\"train\""));
    for (const auto& entry : ReadJson(Path("run/front.json"))) after.insert(entry["id"]);
    EXPECT_GT(after.size(), known.size());
    EXPECT_TRUE(std::includes(after.begin(), after.end(), known.begin(), known.end()));
  }
};

// The untrained network's accuracy is chance, which any candidate keeps within half: the run
// exercises every stage, without a network.
TEST_F(Optimize, AWholeRunIsKilledResumedAndLeavesDropIns) {
  ASSERT_EQ(
      Nacre({"target", "profile", Path("model.onnx"), "--rounds", "3", "--check", "0"}).exit_code,
      0);
  const std::vector<std::string> start = {
      "optimize",  Path("model.onnx"), "--data", Path("data"), "--out",
      Path("run"), "--budget",         "2m",     "--max-drop", "50%"};
  const ProcessResult killed = NacreWithoutNetwork(start, Seconds(25));
  ASSERT_TRUE(killed.timed_out || killed.ok()) << killed.errors;
  const ProcessResult resumed =
      NacreWithoutNetwork({"resume", Path("run"), "--json"}, Seconds(300));
  EXPECT_THAT(killed.errors + resumed.errors, HasSubstr("parts are known from " + Path("cache")));
  ASSERT_THAT(resumed.exit_code, testing::AnyOf(0, 6)) << resumed.errors;
  const auto front = ReadJson(Path("run/front.json"));
  ASSERT_FALSE(front.empty());
  for (const auto& entry : front) {
    const std::string folder = Path("run/" + entry["path"].get<std::string>());
    for (const char* name :
         {"/model.onnx", "/model.int8.onnx", "/model.xml", "/model.bin", "/metrics.json"}) {
      EXPECT_TRUE(std::filesystem::exists(folder + name)) << folder << name;
    }
    const auto network = ReadOnnx(folder + "/model.int8.onnx");
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(network->inputs[0].name, "image");
    EXPECT_EQ(network->outputs[0].name, "logits");
    EXPECT_EQ(network->metadata.at("nacre.id"), entry["id"]);
  }
  EXPECT_THAT(Text("run/report.html"), HasSubstr("there is no data.val: 40 of the 80 images"));
  // Resuming what has ended repeats no job.
  const std::string before = Events();
  ASSERT_THAT(Nacre({"resume", Path("run"), "--json"}, Seconds(120)).exit_code,
              testing::AnyOf(0, 6));
  EXPECT_THAT(Events().substr(before.size()), testing::Not(HasSubstr("\"event\":\"job\"")));

  // Latencies are measured anew, which may change the order of the front.
  const auto front_again = ReadJson(Path("run/front.json"));
  ASSERT_EQ(front_again.size(), front.size());

  const ProcessResult status = Nacre({"status", Path("run")});
  EXPECT_THAT(status.output, HasSubstr("ended"));
  const ProcessResult exported = Nacre({"export", Path("run"), "--pick", "1", "-o", Path("out")});
  EXPECT_EQ(exported.exit_code, 0) << exported.errors;
  EXPECT_TRUE(std::filesystem::exists(Path("out/model.int8.onnx")));
  const ProcessResult scored =
      Nacre({"eval", Path("out/model.int8.onnx"), "--data", Path("data"), "--json"});
  ASSERT_EQ(scored.exit_code, 0) << scored.errors;
  EXPECT_NEAR(nlohmann::json::parse(scored.output)["accuracy"].get<double>(),
              front_again[0]["accuracy"].get<double>(), 0.03);
  ExpectOrderOfClassesAndMetric();
  ExpectAnotherRound();
}

TEST_F(Optimize, ImagesNeedNoLabelsWhereTheOriginalIsTheTruth) {
  CopyWithoutLabels("data/train", "photos/train");
  CopyWithoutLabels("data/test", "photos/test");
  std::filesystem::copy_file(Path("photos/test/1.png"), Path("photos/train/of-test.png"));
  const std::vector<std::string> start = {
      "optimize",   Path("model.onnx"), "--data", Path("photos"), "--task", "agreement", "--out",
      Path("bare"), "--budget",         "2m",     "--max-drop",   "50%",    "--json"};
  const ProcessResult run = Nacre(start, Seconds(240));
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const auto front = ReadJson(Path("bare/front.json"));
  ASSERT_FALSE(front.empty());
  EXPECT_EQ(front[0]["metric"], "agreement");
  EXPECT_GT(front[0]["accuracy"], 0.5);
  EXPECT_EQ(ReadJson(Path("bare/report.json"))["baseline_fp32"]["accuracy"]["value"], 1.0)
      << "the original agrees with itself";
  EXPECT_THAT(Text("bare/report.html"), HasSubstr("the images have no labels"));
  EXPECT_THAT(Text("bare/report.html"), HasSubstr("are training images too, byte for byte"));

  const ProcessResult quantized =
      Nacre({"quantize", Path("model.onnx"), "--data", Path("photos/train"), "--val",
             Path("photos/test"), "--task", "agreement", "-o", Path("bare.int8.onnx")});
  ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
  EXPECT_THAT(quantized.output, HasSubstr("agreement with the original "));
  const ProcessResult told =
      Nacre({"eval", Path("bare.int8.onnx"), "--test", Path("photos/test"), "--task", "agreement",
             "--against", Path("model.onnx"), "--json"});
  ASSERT_EQ(told.exit_code, 0) << told.errors;
  const auto figures = nlohmann::json::parse(told.output);
  EXPECT_EQ(figures["images"], 80);
  EXPECT_GT(figures["agreement"], 0.5);
  EXPECT_FALSE(figures.contains("accuracy"));

  std::vector<std::string> labelled = start;
  labelled[5] = "classification";
  labelled[7] = Path("labelled");
  const ProcessResult refused = Nacre(labelled);
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.errors, HasSubstr("has no class folders"));
  EXPECT_THAT(refused.errors, HasSubstr("--task agreement"));
  EXPECT_FALSE(std::filesystem::exists(Path("labelled")));
  std::vector<std::string> stated = start;
  stated.insert(stated.end(), {"--accuracy", "0.9"});
  EXPECT_EQ(Nacre(stated).exit_code, 2);
}

TEST_F(Optimize, BenchAndQuantizeStandAlone) {
  const ProcessResult quantized =
      Nacre({"quantize", Path("model.onnx"), "--data", Path("data"), "-o", Path("q.onnx")});
  ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
  EXPECT_THAT(quantized.output, HasSubstr("not checked"));
  const ProcessResult checked =
      Nacre({"quantize", Path("model.onnx"), "--data", Path("data"), "--val", Path("data/test"),
             "-o", Path("checked.onnx"), "--json"});
  ASSERT_EQ(checked.exit_code, 0) << checked.errors;
  EXPECT_TRUE(nlohmann::json::parse(checked.output).contains("validation_accuracy"));
  const auto beside = [&](const char* model) {
    const ProcessResult told = Nacre({"eval", Path(model), "--test", Path("data/test"), "--against",
                                      Path("model.onnx"), "--json"});
    EXPECT_EQ(told.exit_code, 0) << told.errors;
    return nlohmann::json::parse(told.output);
  };
  EXPECT_EQ(beside("model.onnx")["agreement"], 1);
  EXPECT_NEAR(beside("model.onnx")["divergence"].get<double>(), 0, 1e-6);
  EXPECT_GT(beside("q.onnx")["agreement"].get<double>(), 0.8);
  EXPECT_GT(beside("q.onnx")["divergence"].get<double>(), 0);
  ASSERT_TRUE(WriteOnnx(CifarResNet(1, 16, 5, 1), Path("five.onnx")));
  const ProcessResult other = Nacre(
      {"eval", Path("model.onnx"), "--test", Path("data/test"), "--against", Path("five.onnx")});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.errors, HasSubstr("has 5 classes, but the network has 4"));
  const ProcessResult bench =
      Nacre({"bench", Path("model.onnx"), Path("q.onnx"), "-t", "0.5", "--json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.errors;
  const auto rows = nlohmann::json::parse(bench.output);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_GT(rows[1]["latency_ms"].get<double>(), 0);
  EXPECT_EQ(Nacre({"inspect", Path("model.onnx")}).exit_code, 0);
  EXPECT_EQ(Nacre({"doctor", "--json"}).exit_code, 0);
}

}  // namespace
}  // namespace nacre
