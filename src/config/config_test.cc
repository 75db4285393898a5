#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <fstream>

namespace nacre {
namespace {

using testing::HasSubstr;

constexpr const char* kDocumented = R"(schema = 1
[model]
path = "resnet56-cifar10.onnx"
accuracy = 0.90
[data]
train = "cifar10/train"
test = "cifar10/test"
[data.preprocess]
size = [32, 32]
color = "rgb"
scale = 255.0
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
[target]
device = "cpu"
precision = "int8"
threads = 1
batch = 1
[objective]
minimize = "latency"
max_drop = "1%"
[search]
method = "autonac"
budget = "2h"
seed = 0
[output]
run = "runs/resnet56"
)";

TEST(Config, ReadsTheDocumentedRunFileAndPrintsItBack) {
  RunConfig config;
  const auto read = ParseConfig(kDocumented, "run.toml", config);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(config.preprocess.height, 32);
  EXPECT_EQ(config.preprocess.mean, (std::vector<double>{0.485, 0.456, 0.406}));
  EXPECT_EQ(config.max_drop, (MaxDrop{0.01, false}));
  EXPECT_EQ(config.budget, Seconds(7200));
  EXPECT_DOUBLE_EQ(*config.stated_accuracy, 0.9);
  EXPECT_TRUE(CheckConfig(config));
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(PrintConfig(again), PrintConfig(config));
}

TEST(Config, LossInPointsAndVerdictComeBack) {
  RunConfig config;
  ASSERT_TRUE(ParseConfig("[objective]\nmax_drop = \"0.5pt\"\naccept = \"certified\"\n", "run.toml",
                          config));
  EXPECT_EQ(config.max_drop, (MaxDrop{0.005, true}));
  EXPECT_EQ(config.verdict, Verdict::kCertified);
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(again.max_drop, config.max_drop);
  EXPECT_EQ(again.verdict, Verdict::kCertified);
}

TEST(Config, TheTaskComesBackAndAgreementHasNoAccuracyToState) {
  RunConfig config;
  ASSERT_TRUE(ParseConfig("[data]\ntask = \"agreement\"\n", "run.toml", config));
  EXPECT_EQ(config.task, TaskKind::kAgreement);
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(again.task, TaskKind::kAgreement);
  config.model = "a.onnx";
  config.train = config.test = config.run = "folder";
  ASSERT_TRUE(CheckConfig(config));
  config.stated_accuracy = 0.9;
  const auto refused = CheckConfig(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(refused.error().message, HasSubstr("--task agreement has no labels"));
  const auto unknown = ParseConfig("[data]\ntask = \"guess\"\n", "run.toml", config);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("one of classification, detection, agreement"));
}

TEST(Config, HowFoldersAreReadComesBack) {
  RunConfig config;
  EXPECT_EQ(ImageOptions(config)->most_memory.count, 0);
  ASSERT_TRUE(ParseConfig("[data]\nmemory = \"4GiB\"\nhash = \"content\"\n[search]\nseed = 7\n",
                          "run.toml", config));
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  const LoadOptions options = ImageOptions(again).value();
  EXPECT_EQ(options.most_memory, Bytes{int64_t{4} << 30});
  EXPECT_EQ(options.hash, DataHash::kContent);
  EXPECT_EQ(options.seed, 7);
  const auto unknown = ParseConfig("[data]\nhash = \"md5\"\n", "run.toml", config);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("one of list, content"));
}

TEST(Config, AugmentationComesBackAndIsAChoiceOfKinds) {
  RunConfig config, again;
  EXPECT_FALSE(config.augmentation);
  ASSERT_TRUE(ParseConfig("[data]\naugmentation = \"flip, cutout\"\n", "run.toml", config));
  EXPECT_EQ(config.augmentation, (AugmentationKinds{.flip = true, .cutout = true}));
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(again.augmentation, config.augmentation);
  ASSERT_TRUE(ParseConfig("[data]\naugmentation = \"none\"\n", "run.toml", config));
  EXPECT_EQ(config.augmentation, AugmentationKinds{});
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(again.augmentation, AugmentationKinds{});
  ASSERT_TRUE(ParseConfig("[data]\naugmentation = \"auto\"\n", "run.toml", config));
  EXPECT_FALSE(config.augmentation);
  const auto unknown = ParseConfig("[data]\naugmentation = \"rotate\"\n", "run.toml", config);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("some of flip, shift, crop, color, cutout"));
}

TEST(Config, TheMetricComesBack) {
  RunConfig config, again;
  EXPECT_EQ(config.metric, &TopOneMetric());
  ASSERT_TRUE(ParseConfig("[data]\nmetric = \"top5\"\n", "run.toml", config));
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(again.metric->name(), "top5");
  const auto unknown = ParseConfig("[data]\nmetric = \"f1\"\n", "run.toml", config);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("one of top1, top5, balanced"));
}

TEST(Config, BoxesHaveSettingsOfTheirOwn) {
  RunConfig config;
  const auto read = ParseConfig(
      "[data]\ntask = \"detection\"\nmetric = \"map50\"\nanchors = \"a.json\"\n"
      "boxes = \"yxyx,pixel\"\n",
      "run.toml", config);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(config.detection.Metric(), BoxMetric::kMap50);
  EXPECT_EQ(config.detection.order, BoxOrder::kCornersByRows);
  EXPECT_EQ(config.detection.unit, BoxUnit::kPixel);
  EXPECT_FALSE(config.detection.first_class);
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "again.toml", again));
  EXPECT_EQ(PrintConfig(again), PrintConfig(config));
  EXPECT_TRUE(CheckTask(again));
  again.model = again.train = again.test = again.run = "x";
  EXPECT_TRUE(CheckConfig(again));
  again.method = "bootstrap";
  EXPECT_FALSE(CheckConfig(again));
  again.task = TaskKind::kClassification;
  EXPECT_FALSE(CheckTask(again)) << "a metric of boxes";
  const auto unknown = ParseConfig("[data]\nboxes = \"xywh\"\n", "run.toml", config);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("cxcywh"));
}

TEST(Config, TheClassListIsReadWithTheImages) {
  RunConfig config;
  ASSERT_TRUE(ParseConfig("[data]\nclasses = \"/no/such/list\"\n", "run.toml", config));
  const auto options = ImageOptions(config);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().kind, ErrorKind::kData);
  config.task = TaskKind::kAgreement;
  EXPECT_TRUE(ImageOptions(config)) << "images without labels have no classes";
}

TEST(Config, BoundsKeepTheirUnits) {
  RunConfig config;
  const auto read = ParseConfig(
      "[objective]\nmax_latency = 0.5\nmin_throughput = 4000\nmax_size = \"200KiB\"\nmax_memory = "
      "1000\n",
      "run.toml", config);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_DOUBLE_EQ(config.bounds.latency, 500);
  EXPECT_DOUBLE_EQ(config.bounds.MostLatency(1), 250);
  EXPECT_DOUBLE_EQ(config.bounds.MostLatency(64), 500);
  EXPECT_DOUBLE_EQ(config.bounds.size, 200 * 1024);
  EXPECT_DOUBLE_EQ(config.bounds.memory, 1000);
  RunConfig again;
  ASSERT_TRUE(ParseConfig(PrintConfig(config), "printed", again));
  EXPECT_EQ(PrintConfig(again), PrintConfig(config));
  for (const char* text : {"\"large\"", "\"5 parsecs\"", "-1"}) {
    EXPECT_FALSE(
        ParseConfig(std::string("[objective]\nmax_size = ") + text + "\n", "run.toml", config))
        << text;
  }
}

TEST(Config, NamesTheNearestKey) {
  RunConfig config;
  const auto read = ParseConfig("[search]\nbugdet = \"2h\"\n", "run.toml", config);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(read.error().message,
            "run.toml:2: unknown key 'search.bugdet'; the nearest known one is 'search.budget'");
}

struct BadCase {
  const char* toml;
  const char* says;
};
class BadConfig : public testing::TestWithParam<BadCase> {};

TEST_P(BadConfig, IsAUsageErrorThatSaysWhatIsAllowed) {
  RunConfig config;
  const auto read = ParseConfig(GetParam().toml, "f", config);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadConfig,
    testing::Values(BadCase{"[search]\nbudget = \"soon\"", "90s, 45m, 2h"},
                    BadCase{"[target]\nprecision = \"int4\"", "int4"},
                    BadCase{"[target]\nthreads = 1.5", "whole number"},
                    BadCase{"[objective]\nmax_drop = \"80%\"", "number from 0 to 0.5"},
                    BadCase{"[objective]\naccept = \"maybe\"", "one of point, certified"},
                    BadCase{"[data.preprocess]\nsize = [32]", "height,width"},
                    BadCase{"schema = 2", "schema must be 1"}, BadCase{"[model\npath=1", "f:1"}));

TEST(Config, ThroughputTakesAllCoresAndBatchesUnlessTold) {
  RunConfig config;
  EXPECT_FALSE(CompleteTarget(config, 4));
  EXPECT_EQ(config.target.threads, 1);
  config.objective = Objective::kThroughput;
  EXPECT_TRUE(CompleteTarget(config, 4));
  EXPECT_EQ(config.target.threads, 4);
  EXPECT_EQ(config.target.batch, 64);
  config.target.threads = 1;
  config.target.batch = 8;
  EXPECT_FALSE(CompleteTarget(config, 4));
  EXPECT_EQ(config.target.threads, 1);
  EXPECT_EQ(config.target.batch, 8);
}

TEST(Config, DurationsRoundTrip) {
  for (const char* text : {"90s", "45m", "2h", "1h30m", "1h1m1s"}) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*ParseDuration(PrintDuration(*parsed)), *parsed);
  }
  EXPECT_EQ(*ParseDuration("90"), Seconds(90));
  for (const char* text : {"", "x", "-5m", "5d", "0", "1h-3m", "inf"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(Config, StatesWhatIsMissing) {
  RunConfig config;
  config.model = "m.onnx";
  const auto checked = CheckConfig(config);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("training folder"));
  config.train = config.test = config.run = "x";
  config.preprocess.mean = {0.5};
  EXPECT_THAT(CheckConfig(config).error().message, HasSubstr("mean has 1"));
}

TEST(ReadConfigFile, RelativePathsCountFromTheFilesFolder) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("nacre-config-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "run.toml") << R"(schema = 1
[model]
path = "a.onnx"
[data]
train = "train"
val = "val"
test = "/test"
classes = "classes.txt"
anchors = "anchors.json"
[search]
method = "bootstrap"
supernet = "../first"
[output]
run = "run"
)";
  RunConfig config;
  ASSERT_TRUE(ReadConfigFile(folder / "run.toml", config));
  std::vector<std::string> paths;
  for (const std::filesystem::path* each : PathsOf(config)) paths.push_back(each->string());
  std::vector<std::string> expected;
  for (const char* name : {"a.onnx", "train", "val"}) expected.push_back(folder / name);
  expected.emplace_back("/test");
  expected.push_back(folder / "classes.txt");
  expected.push_back(folder / "anchors.json");
  expected.push_back(folder.parent_path() / "first");
  expected.push_back(folder / "run");
  EXPECT_EQ(paths, expected);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace nacre
