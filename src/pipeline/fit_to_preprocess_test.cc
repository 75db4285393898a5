#include "pipeline/fit_to_preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "graph/builder.h"

namespace nacre {
namespace {

using testing::HasSubstr;

Network Classifier(Shape input, int64_t classes = 7) {
  NetworkBuilder b("net", "image", std::move(input), Random(1));
  const std::string x = b.GlobalAveragePool(b.Conv("image", {.out = 8}));
  return std::move(b).Finish(b.Linear(b.Flatten(x), classes), "logits");
}

Core CoreOf(const Network& network) {
  auto core = FindCore(network);
  if (!core) throw std::runtime_error(core.error().message);
  return std::move(*core);
}

std::string Refusal(const Network& network, Preprocess preprocess, ErrorKind kind) {
  const auto classes = FitClassifier(CoreOf(network), preprocess);
  if (classes) {
    ADD_FAILURE() << "it fits, with " << *classes << " classes";
    return "";
  }
  EXPECT_EQ(classes.error().kind, kind);
  return classes.error().message;
}

TEST(FitToPreprocess, TakesTheSizeFromTheNetworkAndCountsClasses) {
  Preprocess preprocess;
  const auto classes = FitToPreprocess(CoreOf(Classifier({kDynamic, 3, 12, 10})), preprocess);
  ASSERT_TRUE(classes) << classes.error().message;
  EXPECT_EQ(*classes, 7);
  EXPECT_EQ(preprocess.height, 12);
  EXPECT_EQ(preprocess.width, 10);
}

TEST(FitToPreprocess, KeepsASizeThatIsGiven) {
  Preprocess preprocess{.height = 12, .width = 10};
  EXPECT_TRUE(FitToPreprocess(CoreOf(Classifier({kDynamic, 3, 12, 10})), preprocess));
  EXPECT_THAT(Refusal(Classifier({kDynamic, 3, 12, 12}), preprocess, ErrorKind::kModel),
              HasSubstr("makes [N,3,12,10]"));
}

TEST(FitToPreprocess, ADynamicSizeMustBeStated) {
  const Network network = Classifier({kDynamic, 3, kDynamic, kDynamic});
  EXPECT_THAT(Refusal(network, {}, ErrorKind::kUsage), HasSubstr("state data.preprocess.size"));
}

TEST(FitToPreprocess, OneChannelIsGrey) {
  Preprocess preprocess;
  ASSERT_TRUE(FitToPreprocess(CoreOf(Classifier({kDynamic, 1, 8, 8})), preprocess));
  EXPECT_EQ(preprocess.color, ColorOrder::kGray);
}

TEST(FitToPreprocess, ChannelsMustBeThoseOfTheColour) {
  EXPECT_THAT(Refusal(Classifier({kDynamic, 1, 8, 8}), {.mean = {0.5, 0.5, 0.5}}, ErrorKind::kData),
              HasSubstr("correct data.preprocess.color"));
  EXPECT_THAT(Refusal(Classifier({kDynamic, 4, 8, 8}), {}, ErrorKind::kModel),
              HasSubstr("takes images of 4 channels"));
}

TEST(FitToPreprocess, RefusesWhatIsNotAClassifier) {
  NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
  const Network map = std::move(b).Finish(b.Conv("image", {.out = 4}), "map");
  EXPECT_THAT(Refusal(map, {}, ErrorKind::kModel), HasSubstr("no output classifies"));
}

TEST(FitToPreprocess, IntegersAreFedAsPixels) {
  Core core = CoreOf(Classifier({kDynamic, 3, 8, 8}));
  core.input.type = DataType::kUint8;
  Preprocess preprocess;
  ASSERT_TRUE(FitToPreprocess(core, preprocess));
  EXPECT_EQ(preprocess.scale, 1);
  core.input.type = DataType::kInt8;
  preprocess = {};
  ASSERT_TRUE(FitToPreprocess(core, preprocess));
  EXPECT_EQ(preprocess.mean, std::vector<double>(3, 128.0));
  preprocess = {.scale = 2};  // what the user asks for stays
  ASSERT_TRUE(FitToPreprocess(core, preprocess));
  EXPECT_EQ(preprocess.scale, 2);
}

}  // namespace
}  // namespace nacre
