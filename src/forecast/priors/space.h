// Numbers about the space: which candidates and which moves are offered.
// Included by forecast/priors.h.
#pragma once

#include "base/number.h"

namespace nacre::priors {

inline constexpr Number kChannelMultiple{
    .name = "space.channel_multiple",
    .value = 16,
    .meaning = "The number of channels of which widths are multiples.",
    .source = "measurement: 20 channels cost 1.9 times as much as 16 in INT8",
    .data = "convolutions at 32x32 on a CPU with VNNI",
    .date = "2026-11"};

inline constexpr Number kLongestSpan{
    .name = "space.longest_span",
    .value = 4,
    .meaning =
        "The blocks of the longest span that is replaced as one, unless it is a whole stage.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostCandidates{.name = "space.most_candidates",
                                        .value = 400,
                                        .meaning = "The candidates to which the space is trimmed.",
                                        .source = "by eye",
                                        .data = "none",
                                        .date = "2026-11"};

inline constexpr Number kMostWork{
    .name = "space.most_work",
    .value = 2,
    .meaning =
        "The multiply-accumulates of a candidate at most, over those of the blocks that it "
        "replaces, channels of a group counted as multiples.",
    .source = "by eye; dense convolutions differ by less in how fast they run",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLargestStride{
    .name = "space.largest_stride",
    .value = 4,
    .meaning = "The largest stride of a span that fresh candidates are made for.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLongestPointwise{
    .name = "space.longest_pointwise",
    .value = 3,
    .meaning =
        "The blocks of the longest span that a bottleneck, grouped, inverted, separable or fused "
        "candidate replaces.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLongestThinned{
    .name = "space.longest_thinned",
    .value = 2,
    .meaning = "The blocks of the longest span that is offered with fewer channels.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kFirstGain{
    .name = "space.first_gain",
    .value = 0.25,
    .meaning = "The first gain of the last batch-norm in a fresh residual branch.",
    .source = "after arXiv 1706.02677, section 5.1, which has 0; the value by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kTierWorth{.name = "space.tier_worth",
                                   .value = 4,
                                   .meaning =
                                       "The candidates of a span that rank before the first of a "
                                       "span of the next tier when the space is trimmed.",
                                   .source = "by eye",
                                   .data = "none",
                                   .date = "2026-11"};

inline constexpr Number kRepeatWorth{
    .name = "space.repeat_worth",
    .value = 6,
    .meaning =
        "The kinds that rank before the second candidate of one kind when the space is trimmed.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kMostMoves{.name = "space.most_moves",
                                   .value = 2,
                                   .meaning = "The macro moves that one architecture has at most.",
                                   .source = "by eye",
                                   .data = "none",
                                   .date = "2026-11"};

inline constexpr Number kBestOfSpan{.name = "space.best_of_span",
                                    .value = 3,
                                    .meaning =
                                        "The candidates of a span, least divergence first, that "
                                        "may take the place of a part of a longer one.",
                                    .source = "by eye",
                                    .data = "none",
                                    .date = "2026-11"};

inline constexpr Number kLatencyShareOfMacs{
    .name = "space.latency_share_of_macs",
    .value = 0.7,
    .meaning =
        "The share of latency that follows the multiply-accumulates when a macro move changes "
        "widths.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kBoundSlack{.name = "space.bound_slack",
                                    .value = 1.1,
                                    .meaning =
                                        "The factor by which a predicted usage may exceed a bound "
                                        "before the architecture is left out.",
                                    .source = "by eye",
                                    .data = "none",
                                    .date = "2026-11"};

inline constexpr Number kUsefulCost{
    .name = "space.useful_cost",
    .value = 0.95,
    .meaning = "The cost of a useful candidate at most, over that of the blocks that it replaces.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

}  // namespace nacre::priors
