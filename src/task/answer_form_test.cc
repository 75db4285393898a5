#include "task/answer_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;

// Two boxes an image: three classes, of which the first is nothing, and four numbers.
AnswerForm TwoBoxes() {
  return {.parts = {{.value = "scores", .kind = AnswerKind::kClasses, .rows = 2, .columns = 3},
                    {.value = "codes", .rows = 2, .columns = 4, .seen_in = 0}}};
}

Tensor Answers(const std::vector<float>& scores, const std::vector<float>& codes) {
  std::vector<float> all = scores;
  all.insert(all.end(), codes.begin(), codes.end());
  return Tensor::Floats({1, static_cast<int64_t>(all.size())}, all);
}

TEST(AnswerForm, WithoutPartsAnswersAreLogitsOfClasses) {
  const Tensor a = Tensor::Floats({2, 3}, {1, 2, 3, 0, 0, 1});
  const Tensor b = Tensor::Floats({2, 3}, {1, 2, 1, 0, 1, 0});
  EXPECT_TRUE(AnswerForm().labelled());
  EXPECT_DOUBLE_EQ(Divergence(AnswerForm(), a, b), Divergence(a, b));
}

TEST(AnswerForm, WhereNothingIsSeenBoxesMeanNothing) {
  const std::vector<float> nothing = {20, 0, 0, 20, 0, 0};
  const Tensor here = Answers(nothing, {0, 0, 0, 0, 0, 0, 0, 0});
  const Tensor there = Answers(nothing, {5, 5, 5, 5, 5, 5, 5, 5});
  EXPECT_NEAR(Divergence(TwoBoxes(), here, there), 0, 1e-6);
}

TEST(AnswerForm, WhereSomethingIsSeenBoxesCountByTheirSmoothDistance) {
  const std::vector<float> one_seen = {0, 40, 0, 40, 0, 0};
  const Tensor here = Answers(one_seen, {0, 0, 0, 0, 0, 0, 0, 0});
  const Tensor near = Answers(one_seen, {0.5F, 0, 0, 0, 9, 9, 9, 9});
  EXPECT_NEAR(Divergence(TwoBoxes(), here, near), 0.5 * 0.25, 1e-6);
  const Tensor far = Answers(one_seen, {3, 0, 0, 0, 9, 9, 9, 9});
  EXPECT_NEAR(Divergence(TwoBoxes(), here, far), 2.5, 1e-6);
}

TEST(AnswerForm, ClassesAreAddedUpOverTheRowsThatShowSomething) {
  const std::vector<float> codes(8, 0);
  const Tensor here = Answers({0, 40, 0, 0, 40, 0}, codes);  // two rows show the class 1
  const Tensor there = Answers({0, 40, 40, 0, 40, 40}, codes);
  // Each row holds class 1 for sure and is answered by one half: log 2.
  EXPECT_NEAR(Divergence(TwoBoxes(), here, there), std::log(2), 1e-6);
}

TEST(AnswerForm, LogitsAndPlainNumbers) {
  const AnswerForm logits{.parts = {{.value = "y", .kind = AnswerKind::kLogits, .columns = 1}}};
  const Tensor even = Tensor::Floats({1, 1}, {0}), sure = Tensor::Floats({1, 1}, {40});
  EXPECT_NEAR(Divergence(logits, sure, even), std::log(2), 1e-6);
  EXPECT_NEAR(Divergence(logits, even, even), 0, 1e-12);
  const AnswerForm numbers{.parts = {{.value = "y", .columns = 2}}};
  const Tensor a = Tensor::Floats({1, 2}, {-1, 1});  // of variance 1
  EXPECT_NEAR(Divergence(numbers, a, Tensor::Floats({1, 2}, {-1, 2})), 0.5, 1e-6);
}

TEST(AnswerForm, AnswersOfAnotherFormAreRefused) {
  const Tensor a = Tensor::Floats({1, 5}, {0, 0, 0, 0, 0});
  EXPECT_THROW(Divergence(TwoBoxes(), a, a), std::logic_error);
  EXPECT_THROW(Divergence(TwoBoxes(), a, Tensor::Floats({1, 14}, std::vector<float>(14))),
               std::logic_error);
}

Network TwoHeads() {
  NetworkBuilder b("net", "image", {kDynamic, 3, 4, 4}, Random(1));
  const std::string x = b.ConvBn("image", {.out = 8});
  const std::string map = b.Conv(x, {.out = 5, .kernel = 1});
  const std::string codes = b.Linear(b.Flatten(b.GlobalAveragePool(map)), 6);
  Network network = std::move(b).Finish(codes, "codes");
  network.outputs.insert(network.outputs.begin(), Value{.name = map, .shape = {kDynamic, 5, 4, 4}});
  return network;
}

TEST(AnswerForm, OutputsAreJoinedWithClassesInnermostAndSeparatedAgain) {
  const Network network = TwoHeads();
  const AnswerForm form{.parts = {{.value = network.outputs[0].name,
                                   .kind = AnswerKind::kClasses,
                                   .rows = 16,
                                   .columns = 5},
                                  {.value = "codes", .columns = 6}}};
  const Network joined = JoinAnswers(network, form);
  const auto verified = Verify(joined);
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_EQ(joined.outputs.size(), 1U);
  EXPECT_THAT(joined.outputs[0].shape, ElementsAre(kDynamic, 86));
  const auto shapes = InferShapes(joined, 2);
  ASSERT_TRUE(shapes) << shapes.error().message;
  EXPECT_THAT(shapes->at(joined.outputs[0].name).shape, ElementsAre(2, 86));
  const Network again = SeparateAnswers(joined, network, form);
  EXPECT_EQ(StructuralHash(again, true), StructuralHash(network, true));
  EXPECT_THROW(JoinAnswers(network, TwoBoxes()), std::logic_error);
}

}  // namespace
}  // namespace nacre
