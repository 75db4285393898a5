#include "train/training_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/builder.h"

namespace nacre::train_internal {
namespace {

// Two images of classes 1 and 0.
ImageSet TwoImages() {
  ImageSet images;
  images.channels = 1;
  images.preprocess = {.height = 1, .width = 1, .scale = 1};
  images.source = InMemory({0, 1}, 1);
  images.labels = {1, 0};
  images.classes = {"a", "b", "c"};
  return images;
}

// Two variants of two images: logits [2, 2, 3], features [2, 2, 2].
TeacherOutputs TwoVariants() {
  TeacherOutputs teacher{.variants = 2, .classes = 3, .width = 2};
  for (int i = 0; i < 12; ++i) teacher.logits.push_back(static_cast<float>(i * i % 7));
  for (int i = 0; i < 8; ++i) teacher.features.push_back(static_cast<float>(i * i));
  return teacher;
}

Network ThreeClasses() {
  NetworkBuilder builder("net", "x", {kDynamic, 1, 1, 1}, Random(1));
  return std::move(builder).Finish(builder.Linear(builder.Flatten("x"), 3), "y");
}

double OfLogits(const TeacherOutputs* teacher, const LossOptions& options, const at::Tensor& logits,
                const SampledBatch& batch) {
  const ImageSet images = TwoImages();
  return TrainingLoss(images, teacher, options).OfLogits(logits, batch).item<double>();
}

TEST(TrainingLoss, IsTheCrossEntropyWithoutATeacher) {
  const at::Tensor logits = at::zeros({1, 3});
  EXPECT_NEAR(OfLogits(nullptr, {.distill = 1}, logits, {{0}, {0}}), std::log(3), 1e-6);
  const at::Tensor sure = at::tensor({0.0f, 20.0f, 0.0f}).reshape({1, 3});
  EXPECT_NEAR(OfLogits(nullptr, {}, sure, {{0}, {0}}), 0, 1e-6) << "class 1 is right";
  EXPECT_GT(OfLogits(nullptr, {}, sure, {{1}, {0}}), 10) << "class 0 would be right";
}

TEST(TrainingLoss, IsNothingForTheTeachersOwnAnswer) {
  const TeacherOutputs teacher = TwoVariants();
  // Variant 1 of image 0 is row 2: numbers 6 to 8 of the table.
  const at::Tensor own = at::tensor({1.0f, 0.0f, 1.0f}).reshape({1, 3});
  EXPECT_NEAR(OfLogits(&teacher, {.distill = 1}, own, {{0}, {1}}), 0, 1e-6);
  EXPECT_GT(OfLogits(&teacher, {.distill = 1}, own, {{0}, {0}}), 0.01) << "another variant";
  EXPECT_GT(OfLogits(&teacher, {.distill = 1}, own, {{1}, {1}}), 0.01) << "another image";
}

// temperature^2 keeps the size of the gradient, so that the share means the same at any.
TEST(TrainingLoss, MixesBothTermsByTheirShare) {
  const TeacherOutputs teacher = TwoVariants();
  const at::Tensor logits = at::tensor({0.5f, -1.0f, 2.0f}).reshape({1, 3});
  const SampledBatch batch{{1}, {0}};
  const double labels = OfLogits(&teacher, {.distill = 0}, logits, batch);
  const double taught = OfLogits(&teacher, {.distill = 1}, logits, batch);
  EXPECT_NEAR(OfLogits(&teacher, {.distill = 0.25}, logits, batch), 0.75 * labels + 0.25 * taught,
              1e-5);
  const at::Tensor soft = at::tensor({2.0f, 2.0f, 4.0f}).div(2).softmax(0);
  const at::Tensor own = logits.reshape({3}).div(2).log_softmax(0);
  const double divergence = (soft * (soft.log() - own)).sum().item<double>();
  EXPECT_NEAR(OfLogits(&teacher, {.distill = 1, .temperature = 2}, logits, batch), 4 * divergence,
              1e-5);
}

TEST(TrainingLoss, HintsAreRelativeToTheTeachersVariance) {
  const ImageSet images = TwoImages();
  const TeacherOutputs teacher = TwoVariants();
  const TrainingLoss loss(images, &teacher, {.hint = 3});
  const SampledBatch batch{{0, 1}, {0, 0}};
  const at::Tensor wanted = at::tensor({0.0f, 1.0f, 4.0f, 9.0f}).reshape({2, 2});
  EXPECT_NEAR(loss.OfFeatures(wanted, batch).item<double>(), 0, 1e-6);
  // Variances of 4 and 16 about the means 2 and 5; the mean of both is 10.
  EXPECT_NEAR(loss.OfFeatures(wanted + 1, batch).item<double>(), 3 * 1.0 / 10, 1e-5);
}

void ExpectNoFit(const ImageSet& images, const TeacherOutputs& teacher) {
  const auto fits = CheckFits(ThreeClasses(), images, &teacher);
  ASSERT_FALSE(fits);
  EXPECT_EQ(fits.error().kind, ErrorKind::kModel);
}

TEST(CheckFits, ComparesLabelsAndTeacherWithTheNetwork) {
  const ImageSet images = TwoImages();
  const TeacherOutputs teacher = TwoVariants();
  EXPECT_TRUE(CheckFits(ThreeClasses(), images, nullptr));
  EXPECT_TRUE(CheckFits(ThreeClasses(), images, &teacher));
  ImageSet beyond = images;
  beyond.labels[0] = 3;
  ExpectNoFit(beyond, teacher);
  TeacherOutputs other = teacher;
  other.logits.pop_back();
  ExpectNoFit(images, other);
  other = teacher;
  other.features.push_back(0);
  ExpectNoFit(images, other);
  other = TeacherOutputs{.variants = 2, .classes = 2};
  other.logits.resize(8);
  ExpectNoFit(images, other);
  other = TeacherOutputs{.variants = 0, .classes = 3};
  ExpectNoFit(images, other);
  const auto none = CheckFits(ThreeClasses(), ImageSet{}, nullptr);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kData);
}

}  // namespace
}  // namespace nacre::train_internal
