#include "train/answer_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "train/convert.h"

namespace nacre::train_internal {
namespace {

// What training minimises and what quantizing is judged by are one measure.
void ExpectSame(const AnswerForm& form, int64_t numbers) {
  at::manual_seed(1);
  const at::Tensor wanted = 2 * at::randn({3, numbers});
  const at::Tensor answers = wanted + at::randn({3, numbers});
  const double loss = AnswerDivergence(form, answers, wanted).mean().item<double>();
  EXPECT_GT(loss, 0.01);
  EXPECT_NEAR(loss, Divergence(form, FromTorch(wanted), FromTorch(answers)), 1e-4 * loss);
  EXPECT_NEAR(AnswerDivergence(form, wanted, wanted).mean().item<double>(), 0, 1e-5);
}

TEST(AnswerLoss, IsTheDivergenceOfDetectors) {
  ExpectSame({.parts = {{.value = "a", .kind = AnswerKind::kClasses, .rows = 7, .columns = 4},
                        {.value = "b", .rows = 7, .columns = 4, .seen_in = 0}}},
             56);
  ExpectSame({.parts = {{.value = "b", .rows = 6, .columns = 4, .seen_in = 1},
                        {.value = "a", .kind = AnswerKind::kLogits, .rows = 6, .columns = 3}}},
             42);
}

TEST(AnswerLoss, IsTheDivergenceOfMapsAndNumbers) {
  ExpectSame({.parts = {{.value = "a", .kind = AnswerKind::kClasses, .rows = 9, .columns = 5},
                        {.value = "b", .rows = 3, .columns = 4},
                        {.value = "c", .kind = AnswerKind::kLogits, .rows = 2, .columns = 5}}},
             67);
}

TEST(AnswerLoss, HasAGradientEverywhere) {
  const AnswerForm form{
      .parts = {{.value = "a", .kind = AnswerKind::kClasses, .rows = 2, .columns = 3},
                {.value = "b", .rows = 2, .columns = 4, .seen_in = 0}}};
  at::Tensor answers = at::ones({1, 14}).requires_grad_();
  at::manual_seed(2);
  AnswerDivergence(form, answers, at::randn({1, 14})).sum().backward();
  EXPECT_TRUE(answers.grad().isfinite().all().item<bool>());
  EXPECT_EQ(answers.grad().ne(0).sum().item<int64_t>(), 14);
}

}  // namespace
}  // namespace nacre::train_internal
