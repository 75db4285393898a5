// Numbers about accuracy: how far it can be trusted, what networks can reach, and how fast they get
// there. Included by forecast/priors.h.
#pragma once

#include "base/number.h"

namespace nacre::priors {

// What is memorised of the images that the original was trained on (forecast/forecast.h).

inline constexpr Number kMemorisedTrained{
    .name = "forecast.memorised_trained",
    .value = 0.65,
    .meaning =
        "The share of the original's surplus on the validation images that a network keeps at most "
        "after long training; also the gap, over the surplus, at which 1/e of the surplus is left.",
    .source = "decision 24, by trials and finalists that a mirrored teacher taught",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kMemorisedUntrained{
    .name = "forecast.memorised_untrained",
    .value = 0.8,
    .meaning =
        "What is added to forecast.memorised_trained without training; divided by 1 + epochs.",
    .source = "decisions 20 and 24",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kUnseenShareOfGap{
    .name = "forecast.unseen_share_of_gap",
    .value = 0.05,
    .meaning =
        "The least share of the accuracy gap on the validation images that is also a gap on unseen "
        "images.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kTaughtErrorReduction{
    .name = "forecast.taught_error_reduction",
    .value = 0.05,
    .meaning =
        "The share of the original's error by which the teacher's mean over an image and its "
        "mirror image is better.",
    .source = "a guess that two networks suggest, decision 23",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

// What size costs (forecast/attainable.h).

inline constexpr Number kCapacityPower{
    .name = "forecast.capacity_power",
    .value = 1.5,
    .meaning = "The power of the speedup with which the error that size causes grows.",
    .source = "decision 24; one network of 10.61x decides it",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kTypicalCapacityShare{.name = "forecast.typical_capacity_share",
                                              .value = 0.02,
                                              .meaning =
                                                  "The share of an original's error that its size "
                                                  "causes, where its two accuracies do not tell.",
                                              .source = "a guess",
                                              .data = "none",
                                              .date = "2026-11"};

inline constexpr Number kCapacityShareSlope{
    .name = "forecast.capacity_share_slope",
    .value = 1.0 / 8,
    .meaning =
        "The share of the error that size causes, over the ratio of the error on images that the "
        "original was trained on to the error on unseen ones.",
    .source = "decision 24",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kLeastCapacityShare{
    .name = "forecast.least_capacity_share",
    .value = 0.004,
    .meaning = "The lowest capacity share that the ratio of the two errors may give.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostCapacityShare{
    .name = "forecast.most_capacity_share",
    .value = 0.05,
    .meaning = "The highest capacity share that the ratio of the two errors may give.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kCapacityShareDeviation{
    .name = "forecast.capacity_share_deviation",
    .value = 0.5,
    .meaning = "The prior standard deviation of the capacity share, as a part of it.",
    .source = "decision 24",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kMostLearnedCapacityShare{
    .name = "forecast.most_learned_capacity_share",
    .value = 0.1,
    .meaning = "The highest capacity share that finalists may teach the learning curve.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

// How training goes on (forecast/learning_curve.h).

inline constexpr Number kHeadStartEpochs{
    .name = "forecast.head_start_epochs",
    .value = 1,
    .meaning = "The epochs of training that inherited weights and distilled candidates are worth.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kExponent{
    .name = "forecast.exponent",
    .value = 1,
    .meaning =
        "The prior mean of the power of the epochs with which the gap to the attainable accuracy "
        "shrinks.",
    .source = "decision 14; decision 4 measured 0.9 on another network",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kExponentDeviation{
    .name = "forecast.exponent_deviation",
    .value = 0.3,
    .meaning = "The prior standard deviation of forecast.exponent.",
    .source = "decision 21, which gives no data for it",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLeastExponent{
    .name = "forecast.least_exponent",
    .value = 0.2,
    .meaning = "The lowest exponent that finalists may teach the learning curve.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostExponent{
    .name = "forecast.most_exponent",
    .value = 1.5,
    .meaning = "The highest exponent that finalists may teach the learning curve.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

// How wrong a forecast may be, and the margins that follow.

inline constexpr Number kUnseenDeviation{
    .name = "forecast.unseen_deviation",
    .value = 0.005,
    .meaning =
        "The standard deviation between the accuracy that is estimated for unseen images and the "
        "accuracy that a test set shows (accuracy in [0, 1]).",
    .source =
        "decision 14 for the chance of acceptance; decisions 20 and 21 for the learning curve",
    .data = "ResNet-20 and ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kForecastDeviation{
    .name = "forecast.forecast_deviation",
    .value = 0.3,
    .meaning =
        "The standard deviation of a predicted accuracy, as a share of the gap that the predicted "
        "training leaves.",
    .source = "decision 14, with the value of decision 10, which gives no data for it",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kQuantizationLoss{.name = "forecast.quantization_loss",
                                          .value = 0.001,
                                          .meaning =
                                              "The accuracy that a finalist is expected to lose "
                                              "when it is quantized (accuracy in [0, 1]).",
                                          .source = "a guess",
                                          .data = "none",
                                          .date = "2026-11"};

inline constexpr Number kMarginInErrors{
    .name = "forecast.margin_in_errors",
    .value = 0.5,
    .meaning =
        "The standard errors of the validation accuracy by which a finalist should be above the "
        "limit.",
    .source = "decisions 14 and 17; half a standard error was not compared with other margins",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

// The regression over a few trials (forecast/accuracy_predictor.h).

inline constexpr Number kPredictorLeastTrials{
    .name = "forecast.predictor_least_trials",
    .value = 3,
    .meaning = "The trials below which the regression predicts the mean of all.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kPredictorDeviation{
    .name = "forecast.predictor_deviation",
    .value = 0.1,
    .meaning =
        "The standard deviation of a predicted accuracy before there are trials enough to fit it "
        "(accuracy in [0, 1]).",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

}  // namespace nacre::priors
