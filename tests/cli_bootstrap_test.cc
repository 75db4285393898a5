// The bootstrap method from the command line: a super-network, its search, and what comes out.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/cli_fixture.h"

namespace nacre {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class Bootstrap : public CliTest {
 protected:
  static nlohmann::json Read(const std::string& name) { return nlohmann::json::parse(Text(name)); }

  static std::vector<std::string> Start(const std::string& out) {
    return {"optimize",  Path("model.onnx"), "--data", Path("data"), "--method",
            "bootstrap", "--max-drop",       "50%",    "--budget",   "2m",
            "--out",     Path(out)};
  }
  static void ExportsAnyPoint(const nlohmann::json& subnet);
  static void GoesOnForAnotherTarget(const nlohmann::json& found);
};

// `subnet` is an entry of run/subnets.json.
void Bootstrap::ExportsAnyPoint(const nlohmann::json& subnet) {
  std::string genes;
  for (const int gene : subnet["genes"]) genes += (genes.empty() ? "" : ",") + std::to_string(gene);
  const auto export_with = [](const std::string& text) {
    return Nacre({"export", Path("run"), "--genes", text, "--output", Path("point"), "--json"},
                 Seconds(120));
  };
  const ProcessResult exported = export_with(genes);
  ASSERT_EQ(exported.exit_code, 0) << exported.errors;
  const auto figures = nlohmann::json::parse(exported.output);
  EXPECT_EQ(figures["accuracy_select"], subnet["accuracy"]);
  EXPECT_EQ(figures["genes"], subnet["genes"]);
  for (const char* file : {"model.onnx", "model.int8.onnx", "model.xml", "model.bin"})
    EXPECT_TRUE(std::filesystem::exists(Path(std::string("point/") + file))) << file;
  const ProcessResult read = Nacre({"convert", Path("point/model.int8.onnx"), Path("again.onnx")});
  EXPECT_EQ(read.exit_code, 0) << read.errors;

  EXPECT_EQ(export_with("1;2").exit_code, 2);
  EXPECT_THAT(export_with("0").errors, HasSubstr("dimensions; subnets.json lists them"));
  EXPECT_THAT(export_with("99" + genes.substr(genes.find(','))).errors,
              HasSubstr("number 1 is 99, but the width of"));
}

// Nothing but the run's folder is given: model, data and limit are those of the run.
void Bootstrap::GoesOnForAnotherTarget(const nlohmann::json& found) {
  const ProcessResult other =
      Nacre({"optimize", "--supernet", Path("run"), "--target", "cpu:fp32,threads=1,batch=4",
             "--budget", "2m", "--subnets", "random", "--out", Path("other-target")},
            Seconds(240));
  ASSERT_THAT(other.exit_code, AnyOf(0, 6)) << other.errors;
  EXPECT_THAT(other.errors, HasSubstr("super-network: that of"));
  const auto searched = Read("other-target/subnets.json");
  EXPECT_EQ(searched["supernet"], found["supernet"]) << "nothing was trained anew";
  EXPECT_EQ(searched["dimensions"], found["dimensions"]);
  EXPECT_GE(searched["subnets"].size(), 20u);
  EXPECT_FALSE(Read("other-target/front.json").empty());
}

TEST_F(Bootstrap, TrainsSearchesAndFinishesSubNetworks) {
  std::vector<std::string> dry = Start("dry");
  dry.emplace_back("--dry-run");
  EXPECT_THAT(Nacre(dry).output, HasSubstr("supernet"));

  const ProcessResult run = Nacre(Start("run"), Seconds(240));
  ASSERT_THAT(run.exit_code, AnyOf(0, 6)) << run.errors;
  EXPECT_THAT(run.errors, HasSubstr("widths,"));

  const auto found = Read("run/subnets.json");
  ASSERT_GE(found["subnets"].size(), 20u);
  const size_t genes = found["dimensions"].size();
  EXPECT_GE(genes, 4u);
  std::set<std::string> distinct;
  size_t on_front = 0;
  for (const auto& each : found["subnets"]) {
    EXPECT_EQ(each["genes"].size(), genes);
    EXPECT_GT(each["latency_ms"].get<double>(), 0);
    distinct.insert(each["genes"].dump());
    on_front += each["on_front"].get<bool>() ? 1 : 0;
  }
  EXPECT_EQ(distinct.size(), found["subnets"].size()) << "none is measured twice";
  EXPECT_GE(on_front, 1u);
  EXPECT_GT(found["hypervolume"].get<double>(), 0);
  EXPECT_LT(found["hypervolume"].get<double>(), 1);

  const auto front = Read("run/front.json");
  ASSERT_FALSE(front.empty());
  std::set<std::string> roles;
  for (const auto& entry : front) roles.insert(entry["role"].get<std::string>());
  EXPECT_TRUE(roles.count("fastest") > 0) << front.dump();
  const std::string model = "run/" + front[0]["path"].get<std::string>() + "/model.int8.onnx";
  EXPECT_TRUE(std::filesystem::exists(Path(model)));
  EXPECT_THAT(Text("run/report.html"), HasSubstr("training of the super-network"));

  for (const char* file : {"largest.onnx", "weights.safetensors", "elasticity.json"})
    EXPECT_TRUE(std::filesystem::exists(Path(std::string("run/supernet/") + file))) << file;
  const std::string csv = Text("run/subnets.csv");
  EXPECT_EQ(static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n')),
            found["subnets"].size() + 1);
  ExportsAnyPoint(found["subnets"].back());
  GoesOnForAnotherTarget(found);

  // A run that has ended does nothing again.
  const std::string before = Text("run/events.jsonl");
  ASSERT_THAT(Nacre({"resume", Path("run"), "--json"}, Seconds(120)).exit_code, AnyOf(0, 6));
  EXPECT_THAT(Text("run/events.jsonl").substr(before.size()),
              testing::Not(HasSubstr("\"event\":\"job\"")));
}

// Of images that memory does not hold some vanish as soon as the baselines are measured.
TEST_F(Bootstrap, ImagesThatVanishEndTheRunWhichIsKeptAndGoesOn) {
  std::filesystem::copy(Path("data"), Path("going"), std::filesystem::copy_options::recursive);
  std::vector<std::string> start = Start("vanishing");
  start[3] = Path("going");
  start.insert(start.end(), {"--data-memory", "48KiB"});
  std::jthread thief([] {
    for (int i = 0; i < 600; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (Text("vanishing/events.jsonl").find("\"stage\":\"baselines\"") == std::string::npos)
        continue;
      std::filesystem::rename(Path("going/train"), Path("going/away"));
      return;
    }
  });
  const ProcessResult ended = Nacre(start, Seconds(240));
  thief.join();
  EXPECT_EQ(ended.exit_code, 4) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("has vanished since the images were listed"));
  EXPECT_TRUE(std::filesystem::exists(Path("vanishing/run.db"))) << "what is done is kept";
  std::filesystem::rename(Path("going/away"), Path("going/train"));
  EXPECT_THAT(Nacre({"status", Path("vanishing")}).output, HasSubstr("not ended"));
}

TEST_F(Bootstrap, InspectShowsWhatIsElastic) {
  const ProcessResult shown =
      Nacre({"inspect", Path("model.onnx"), "--method", "bootstrap", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.errors;
  const auto elastic = nlohmann::json::parse(shown.output)["elasticity"];
  EXPECT_GE(elastic["dimensions"].size(), 4u);
  EXPECT_GT(elastic["log10_subnets"].get<double>(), 1);
  EXPECT_LT(elastic["smallest_macs"].get<int64_t>(),
            nlohmann::json::parse(shown.output)["macs"].get<int64_t>());
  const ProcessResult text = Nacre({"inspect", Path("model.onnx"), "--method", "bootstrap"});
  EXPECT_THAT(text.output, HasSubstr("as a super-network: 10^"));
  EXPECT_THAT(text.output, HasSubstr("may be left out"));
}

TEST_F(Bootstrap, ASuperNetworkHasToBeThere) {
  const ProcessResult no_run =
      Nacre({"optimize", "--supernet", Path("data"), "--out", Path("nowhere")});
  EXPECT_EQ(no_run.exit_code, 2);
  EXPECT_THAT(no_run.errors, HasSubstr("not a run folder"));
  std::vector<std::string> start = Start("none");
  start.insert(start.end(), {"--supernet", Path("data")});
  const ProcessResult none = Nacre(start, Seconds(120));
  EXPECT_EQ(none.exit_code, 2) << none.errors;
  EXPECT_THAT(none.errors, HasSubstr("holds no super-network"));
  start[5] = "autonac";
  EXPECT_THAT(Nacre(start).errors, HasSubstr("--supernet goes with --method bootstrap"));
}

TEST_F(Bootstrap, AnUnknownMethodNamesThoseThatThereAre) {
  std::vector<std::string> start = Start("other");
  start[5] = "evolution";
  const ProcessResult refused = Nacre(start);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("give one of autonac, bootstrap"));
  EXPECT_FALSE(std::filesystem::exists(Path("other")));
}

}  // namespace
}  // namespace nacre
