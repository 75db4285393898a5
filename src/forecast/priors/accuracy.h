// Numbers about accuracy: how far it can be trusted, what networks can reach, and how fast they get
// there. Included by forecast/priors.h.
#pragma once

#include "base/number.h"

namespace nacre::priors {

// What size costs (forecast/attainable.h).

inline constexpr Number kCapacityPower{
    .name = "forecast.capacity_power",
    .value = 1,
    .meaning = "The power of the speedup with which the error that size causes grows.",
    .source =
        "the simplest that seven published results allow (docs/method.md, section 4; decision 34)",
    .data = "ResNet-20, 50 and 56; CIFAR-10 and ImageNet",
    .date = "2026-11"};

inline constexpr Number kTypicalCapacityShare{
    .name = "forecast.typical_capacity_share",
    .value = 0.018,
    .meaning = "The share of an original's error that its size is expected to cause.",
    .source = "the median of seven published results (docs/method.md, section 4; decision 34)",
    .data = "ResNet-20, 50 and 56; CIFAR-10 and ImageNet",
    .date = "2026-11"};

inline constexpr Number kLeastSizedError{
    .name = "forecast.least_sized_error",
    .value = 0.05,
    .meaning =
        "The error at least of which size is expected to cause its share, also where the original "
        "makes none, as it does by definition without labels (accuracy in [0, 1]).",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kCapacityShareDeviation{
    .name = "forecast.capacity_share_deviation",
    .value = 1,
    .meaning = "The prior standard deviation of the capacity share, as a part of it.",
    .source = "the spread of the published results but for one far out (decision 34)",
    .data = "ResNet-20, 50 and 56; CIFAR-10 and ImageNet",
    .date = "2026-11"};

inline constexpr Number kMostLearnedCapacityShare{
    .name = "forecast.most_learned_capacity_share",
    .value = 0.1,
    .meaning = "The highest capacity share that trainings may teach the learning curve.",
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
    .meaning = "The lowest exponent that trainings may teach the learning curve.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostExponent{
    .name = "forecast.most_exponent",
    .value = 1.5,
    .meaning = "The highest exponent that trainings may teach the learning curve.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

// How wrong a forecast may be, and the margins that follow.

inline constexpr Number kTrainingDeviation{
    .name = "forecast.training_deviation",
    .value = 0.002,
    .meaning =
        "The standard deviation of the accuracy of trainings that differ in chance alone (accuracy "
        "in [0, 1]).",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kClimbDeviation{
    .name = "forecast.climb_deviation",
    .value = 0.05,
    .meaning =
        "The standard deviation of a predicted accuracy, as a share of what it is to climb, beside "
        "that of the gap that is left.",
    .source = "a guess: 30 points from a first trial to the limit are not foreseen to half a point",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kSafeChance{
    .name = "forecast.safe_chance",
    .value = 0.8,
    .meaning =
        "The chance of keeping the limit from which on a network is safe enough to be the first "
        "finalist.",
    .source = "a guess; decision 37",
    .data = "none",
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
        "The standard errors of the accuracy on the selecting images by which a finalist should be "
        "above the "
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
