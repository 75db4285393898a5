#include "task/answer_parts.h"

#include <gtest/gtest.h>

#include "testing/squares.h"

namespace nacre {
namespace {

// The detector with a node behind each head, as decoded forms have.
Network WithTail(const std::string& behind_logits) {
  Network network = SquareDetector(1);
  network.nodes.push_back({.name = "scores",
                           .op = behind_logits,
                           .inputs = {"logits"},
                           .outputs = {"scores"},
                           .attributes = {}});
  if (behind_logits == "Softmax") network.nodes.back().attributes["axis"] = int64_t{2};
  network.nodes.push_back(
      {.name = "boxes", .op = "Exp", .inputs = {"codes"}, .outputs = {"boxes"}});
  network.outputs = {{.name = "scores", .shape = {kDynamic, 16, 3}},
                     {.name = "boxes", .shape = {kDynamic, 16, 4}}};
  return network;
}

AnswerForm FormOf(const Network& network, int64_t classes) {
  const auto core = FindCore(network, {.heads = true});
  EXPECT_TRUE(core) << core.error().message;
  const auto form = AnswerPartsOf(*core, classes);
  EXPECT_TRUE(form) << form.error().message;
  return *form;
}

TEST(AnswerParts, OfRawHeadsFollowFromTheirColumns) {
  const AnswerForm form = FormOf(SquareDetector(1), kSquareClasses);
  ASSERT_EQ(form.parts.size(), 2U);
  EXPECT_EQ(form.parts[0].kind, AnswerKind::kClasses) << "one column more than classes";
  EXPECT_EQ(form.parts[0].rows, 16);
  EXPECT_EQ(form.parts[0].columns, 3);
  EXPECT_EQ(form.parts[1].kind, AnswerKind::kNumbers);
  EXPECT_EQ(form.parts[1].seen_in, 0U);
  EXPECT_EQ(FormOf(SquareDetector(1), 3).parts[0].kind, AnswerKind::kLogits);
}

TEST(AnswerParts, OfDecodedBoxesFollowFromWhatReadsThem) {
  EXPECT_EQ(FormOf(WithTail("Softmax"), 9).parts[0].kind, AnswerKind::kClasses);
  EXPECT_EQ(FormOf(WithTail("Sigmoid"), 9).parts[0].kind, AnswerKind::kLogits);
  EXPECT_EQ(FormOf(WithTail("Sigmoid"), 9).parts[1].kind, AnswerKind::kNumbers);
}

TEST(AnswerParts, AMapOfClassesHasThemBeforeItsPixels) {
  NetworkBuilder b("map", "image", {kDynamic, 3, 8, 6}, Random(1));
  Network network = std::move(b).Finish(b.Conv("image", {.out = 5}), "map");
  network.nodes.push_back({.name = "best", .op = "ArgMax", .inputs = {"map"}, .outputs = {"best"}});
  network.nodes.back().attributes["axis"] = int64_t{1};
  network.outputs = {{.name = "best", .type = DataType::kInt64, .shape = {kDynamic, 1, 8, 6}}};
  const AnswerForm form = FormOf(network, 0);
  ASSERT_EQ(form.parts.size(), 1U);
  EXPECT_EQ(form.parts[0].kind, AnswerKind::kClasses);
  EXPECT_EQ(form.parts[0].columns, 5);
  EXPECT_EQ(form.parts[0].rows, 48);
}

}  // namespace
}  // namespace nacre
