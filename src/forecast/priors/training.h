// Numbers about training: the images and rates that distillation, final training and INT8 training
// use. Included by forecast/priors.h.
#pragma once

#include "base/number.h"

namespace nacre::priors {

// Splits of the training images.

inline constexpr Number kSelectingShare{
    .name = "training.selecting_share",
    .value = 0.5,
    .meaning =
        "The share of the test images that select the networks, and do not accept them, where no "
        "validation set is given.",
    .source = "docs/method.md, section 6: both need images that the original never saw",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostSelectingImages{
    .name = "training.most_selecting_images",
    .value = 20000,
    .meaning =
        "A larger validation set is cut down to so many images, by class, as every trial is judged "
        "by all of them.",
    .source = "two accuracies of 90 % have a standard error of 0.3 points each there",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kCalibrationImages{
    .name = "training.calibration_images",
    .value = 512,
    .meaning = "The images that ranges and batch-norm statistics are taken from.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLeastImagesPerClass{
    .name = "training.least_images_per_class",
    .value = 10,
    .meaning = "The training images per class below which a data set is refused.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLeastUnlabelledImages{
    .name = "training.least_unlabelled_images",
    .value = 100,
    .meaning = "The training images below which a data set without labels is refused.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kRecalibrationImages{
    .name = "training.recalibration_images",
    .value = 2048,
    .meaning = "The images that batch-norm is recalibrated on where a network is not trained.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

// Distilling and scoring candidates.

inline constexpr Number kDistillLeastImages{.name = "training.distill_least_images",
                                            .value = 1500,
                                            .meaning =
                                                "The images that each candidate should see; so "
                                                "many candidates are distilled that each can.",
                                            .source = "by eye",
                                            .data = "none",
                                            .date = "2026-11"};

inline constexpr Number kDistillFewestImages{
    .name = "training.distill_fewest_images",
    .value = 512,
    .meaning = "The images that a candidate sees at least, whatever the time.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kDistillMostImages{
    .name = "training.distill_most_images",
    .value = 40000,
    .meaning = "The images, counting repeats, that a candidate sees at most.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kDistillSetImages{
    .name = "training.distill_set_images",
    .value = 8192,
    .meaning = "The distinct images that candidates are distilled on.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kScoreLeastImages{
    .name = "training.score_least_images",
    .value = 128,
    .meaning = "The images that a candidate is scored on at least.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kScoreMostImages{
    .name = "training.score_most_images",
    .value = 1024,
    .meaning = "The images that a candidate is scored on at most.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kUpdatesPerEpoch{
    .name = "training.updates_per_epoch",
    .value = 50,
    .meaning = "The updates that an epoch should have; batches are smaller where it has fewer.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLeastBatch{.name = "training.least_batch",
                                    .value = 16,
                                    .meaning = "The images of a batch at least.",
                                    .source = "batch-norm over fewer is noise",
                                    .data = "none",
                                    .date = "2026-11"};

inline constexpr Number kLeastBatchPixels{
    .name = "training.least_batch_pixels",
    .value = 131072,
    .meaning = "The pixels of a batch at least, so that every operation has enough to do.",
    .source = "128 images of 32x32, the batch of all measurements on CIFAR-10",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kDistillUpdates{
    .name = "training.distill_updates",
    .value = 64,
    .meaning = "The updates that a candidate should have, in smaller batches if need be.",
    .source = "a guess: with 12 the loss of MobileNetV2's candidates stayed above that of zeros",
    .data = "MobileNetV2, grocery43",
    .date = "2026-11"};

inline constexpr Number kAugmentSecondsPerPixel{
    .name = "training.augment_seconds_per_pixel",
    .value = 5e-8,
    .meaning = "The seconds in which one thread prepares a pixel for the teacher.",
    .source = "measured: 42,000 images of 160x160 in 67 s",
    .data = "grocery43",
    .date = "2026-11"};

inline constexpr Number kTeacherCostOfChunk{
    .name = "training.teacher_cost_of_chunk",
    .value = 0.4,
    .meaning =
        "The time of the teacher's forward pass in distilling a chunk of candidates, over that of "
        "training the teacher.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kSmallOperationCost{
    .name = "training.small_operation_cost",
    .value = 5e-5,
    .meaning = "The seconds per image that a candidate takes beyond its multiply-accumulates.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kForwardOverTraining{
    .name = "training.forward_over_training",
    .value = 3,
    .meaning = "The speed of running a network over the speed of training it.",
    .source = "one forward and two backward products",
    .data = "none",
    .date = "2026-11"};

// The teacher's outputs.

inline constexpr Number kTeacherMostVariants{
    .name = "training.teacher_most_variants",
    .value = 16,
    .meaning = "The augmented variants of each image that the teacher answers at most.",
    .source = "decision 5",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kTeacherShift{
    .name = "training.teacher_shift",
    .value = 1.0 / 8,
    .meaning = "The largest shift of an augmented image, over its height.",
    .source = "by eye: 4 of 32 pixels, as is customary for CIFAR",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kTeacherZoom{
    .name = "training.teacher_zoom",
    .value = 0.5,
    .meaning = "The largest share of a side that a window of an augmented photograph leaves out.",
    .source = "decision 36",
    .data = "MobileNetV2, grocery43",
    .date = "2026-11"};

inline constexpr Number kTeacherColor{
    .name = "training.teacher_color",
    .value = 0.3,
    .meaning = "By how much brightness and contrast vary where the user asks for it.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kTeacherCutout{
    .name = "training.teacher_cutout",
    .value = 3.0 / 8,
    .meaning =
        "The side of the square that is cut out of an augmented image, over the image's height.",
    .source = "decision 6; 12 of 32 pixels were better than none",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

// Final training.

inline constexpr Number kFinalRate{
    .name = "training.final_rate",
    .value = 0.3,
    .meaning = "The learning rates of the final training, as a share of the trainer's rates.",
    .source = "decisions 6, 14 and 15",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kFinalistSpare{
    .name = "training.finalist_spare",
    .value = 1.3,
    .meaning = "The epochs that the first finalist gets, over those that it is expected to need.",
    .source = "decision 7, which gives no data for it",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kHintWeight{
    .name = "training.hint_weight",
    .value = 1,
    .meaning =
        "The weight of the squared error of what the classifier reads, over its variance, beside "
        "the loss of the logits.",
    .source = "decision 36; for CIFAR-10 any weight does, decision 15",
    .data = "MobileNetV2, grocery43",
    .date = "2026-11"};

inline constexpr Number kBaselineEpochs{
    .name = "training.baseline_epochs",
    .value = 200,
    .meaning =
        "The epochs that a training of the original from scratch is taken to need, for the "
        "report's comparison.",
    .source = "by eye, as is customary for CIFAR",
    .data = "none",
    .date = "2026-11"};

// Training for INT8.

inline constexpr Number kInt8End{.name = "training.int8_end",
                                 .value = 0.1,
                                 .meaning =
                                     "The last share of a final training's updates that runs under "
                                     "fake quantisation where INT8 would harm.",
                                 .source = "decision 22, which compared no other share",
                                 .data = "ResNet-20, CIFAR-10",
                                 .date = "2026-11"};

inline constexpr Number kInt8LossWorthTraining{
    .name = "training.int8_loss_worth_training",
    .value = 0.002,
    .meaning =
        "The loss of accuracy by INT8 beyond which a training ends under fake quantisation "
        "(accuracy in [0, 1]).",
    .source = "decision 22: the networks found before it lost less",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kInt8Rate{
    .name = "training.int8_rate",
    .value = 0.1,
    .meaning = "The learning rates of training for INT8, as a share of the trainer's rates.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kInt8LeastImages{
    .name = "training.int8_least_images",
    .value = 1024,
    .meaning = "The images that training for INT8 needs time for at least.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kInt8MostEpochs{.name = "training.int8_most_epochs",
                                        .value = 8,
                                        .meaning = "The epochs that training for INT8 has at most.",
                                        .source = "by eye",
                                        .data = "none",
                                        .date = "2026-11"};

inline constexpr Number kInt8UpdateOverForward{
    .name = "training.int8_update_over_forward",
    .value = 5,
    .meaning =
        "The time of training on an image under fake quantisation, over the time of running the "
        "network on it.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

}  // namespace nacre::priors
