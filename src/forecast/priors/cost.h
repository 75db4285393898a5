// Numbers about measured cost and INT8.
// Included by forecast/priors.h.
#pragma once

#include "base/number.h"

namespace nacre::priors {

// Times that a dry run reckons with (pipeline/plan.h).

inline constexpr Number kFragmentSeconds{
    .name = "cost.fragment_seconds",
    .value = 0.08,
    .meaning = "The seconds that one fragment takes to be compiled and timed for the table.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kSmallJobSeconds{
    .name = "cost.small_job_seconds",
    .value = 2,
    .meaning = "The seconds of a job that neither trains nor searches.",
    .source = "a guess",
    .data = "none",
    .date = "2026-11"};

// Latency table (cost/latency_table.h).

inline constexpr Number kImageChannels{
    .name = "cost.image_channels",
    .value = 4,
    .meaning = "The channels up to which a value is taken for an image, which no probe precedes.",
    .source = "colours and alpha",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kFragmentRepeats{
    .name = "cost.fragment_repeats",
    .value = 3,
    .meaning = "The times that a fragment which keeps its shape is repeated within one probe.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kBaseRepeats{
    .name = "cost.base_repeats",
    .value = 3,
    .meaning = "The measurements of which each base of the latency table is the median.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

// Quantization (quantize/int8.h, quantize/guard.h).

inline constexpr Number kGoodInt8Loss{
    .name = "int8.good_loss",
    .value = 0.001,
    .meaning =
        "The loss of accuracy below which no other range method is tried (accuracy in [0, 1]).",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kAcceptableInt8Loss{
    .name = "int8.acceptable_loss",
    .value = 0.003,
    .meaning = "The loss of accuracy beyond which layers go back to float (accuracy in [0, 1]).",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kInt8JudgingImages{
    .name = "int8.judging_images",
    .value = 256,
    .meaning = "The images on which the harm of a single layer is judged.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostFloatLayers{.name = "int8.most_float_layers",
                                         .value = 12,
                                         .meaning = "The layers that may go back to float at most.",
                                         .source = "by eye",
                                         .data = "none",
                                         .date = "2026-11"};

inline constexpr Number kLeastLayerPrice{.name = "int8.least_layer_price",
                                         .value = 0.1,
                                         .meaning =
                                             "The microseconds that a layer in float is taken to "
                                             "cost at least, as less cannot be measured.",
                                         .source = "by eye",
                                         .data = "none",
                                         .date = "2026-11"};

}  // namespace nacre::priors
