// Shares of a budget: how the time of a run is divided between its stages. What is expected of
// networks stands in forecast/priors.h. A run writes both into its folder (numbers.json).
//
// A run with a long budget has two rounds of search and final training, a short one has one
// (engine/rounds.h). "Round" below is one of them.
#pragma once

#include <span>

#include "base/number.h"

namespace nacre::shares {

inline constexpr Number kLeastBudget{"shares.least_budget",
                                     120,
                                     "Seconds of the smallest budget that a run may have.",
                                     "a guess: nothing can be trained in less",
                                     "make demo's network",
                                     "2026-11"};
inline constexpr Number kLeastMore{
    "shares.least_more", 60,     "Seconds by which a later budget must exceed the one before.",
    "a guess",           "none", "2026-11"};
inline constexpr Number kLongBudget{"shares.long_budget",
                                    1200,
                                    "Seconds from which on a budget has two rounds.",
                                    "decision 21",
                                    "ResNet-20 and ResNet-56, CIFAR-10",
                                    "2026-11"};
inline constexpr Number kTraining{"shares.training",
                                  0.955,
                                  "Share of a budget that is spent when its last training ends.",
                                  "measured time of INT8 and acceptance",
                                  "ResNet-20 and ResNet-56, CIFAR-10",
                                  "2026-11"};
inline constexpr Number kFirstRound{"shares.first_round",
                                    0.6,
                                    "Share of that which the first of two rounds has.",
                                    "decision 21",
                                    "ResNet-20 and ResNet-56, CIFAR-10",
                                    "2026-11"};
inline constexpr Number kFinalOfLaterRound{"shares.final_of_later_round",
                                           0.75,
                                           "Share of a later round that is final training, about.",
                                           "measured",
                                           "ResNet-20 and ResNet-56, CIFAR-10",
                                           "2026-11"};

inline constexpr Number kTableEnds{
    "shares.table_ends",
    0.25,
    "Share of the first budget that is spent when the latency table must do.",
    "a guess: about as long as the search",
    "none",
    "2026-11"};
inline constexpr Number kPriced{"shares.priced",
                                0.15,
                                "Share of the first budget that may be spent when the candidates "
                                "are priced; what is spent beyond it shortens all later stages.",
                                "twice what the networks below take",
                                "ResNet-20, CIFAR-10, and make demo's network",
                                "2026-11"};
inline constexpr Number kLeastShareLeft{"shares.least_share_left",
                                        0.05,
                                        "Share of their time that these have at least.",
                                        "a guess",
                                        "none",
                                        "2026-11"};
inline constexpr Number kStageSlack{
    "shares.stage_slack",
    1.5,
    "Time after which distillation and scoring take no further candidates, over the time that was "
    "planned for them.",
    "a guess",
    "none",
    "2026-11"};

inline constexpr Number kDistillation{"shares.distillation",
                                      0.11,
                                      "Share of the first budget for blockwise distillation.",
                                      "by eye",
                                      "ResNet-20 and ResNet-56, CIFAR-10",
                                      "2026-11"};
inline constexpr Number kScores{"shares.scores",
                                0.04,
                                "Share of the first budget for scoring the candidates.",
                                "by eye",
                                "ResNet-20 and ResNet-56, CIFAR-10",
                                "2026-11"};
inline constexpr Number kTeacherOutputs{"shares.teacher_outputs",
                                        0.07,
                                        "Share of a budget for the teacher's answers.",
                                        "by eye",
                                        "ResNet-20 and ResNet-56, CIFAR-10",
                                        "2026-11"};

inline constexpr Number kSearchEnds{"shares.search_ends",
                                    0.31,
                                    "Share of the first round that is spent when its search ends.",
                                    "by eye",
                                    "ResNet-20 and ResNet-56, CIFAR-10",
                                    "2026-11"};
inline constexpr Number kLaterSearchEnds{"shares.later_search_ends",
                                         0.21,
                                         "The same of a later round, which distils no candidates.",
                                         "decision 19",
                                         "ResNet-20 and ResNet-56, CIFAR-10",
                                         "2026-11"};
inline constexpr Number kLeastSearch{
    "shares.least_search",
    0.17,
    "Share of a round that its search has at least, whatever was spent before.",
    "by eye",
    "ResNet-20 and ResNet-56, CIFAR-10",
    "2026-11"};
inline constexpr Number kMostSearch{
    "shares.most_search",
    0.4,
    "Share of what is left of a round that its search has at most, when it begins late.",
    "a guess: the trials are trained further as finalists",
    "none",
    "2026-11"};
inline constexpr Number kFirstRung{
    "shares.first_rung",   0.65,     "Share of a search that its first rung has.", "decision 7",
    "ResNet-20, CIFAR-10", "2026-11"};
inline constexpr Number kSecondRung{
    "shares.second_rung",
    0.35,
    "Share of a search that its second rung has. A third was of no use: two more epochs at a "
    "higher rate left ResNet-20's candidates where the second had.",
    "measured",
    "ResNet-20, CIFAR-10",
    "2026-11"};
inline constexpr Number kFinalists{"shares.finalists",
                                   0.6,
                                   "Share of a round that trains its finalists, about.",
                                   "by eye",
                                   "ResNet-20 and ResNet-56, CIFAR-10",
                                   "2026-11"};

inline constexpr Number kOneFinalist{"shares.one_finalist",
                                     0.97,
                                     "Share of the time left that one finalist may have.",
                                     "by eye",
                                     "ResNet-20 and ResNet-56, CIFAR-10",
                                     "2026-11"};
inline constexpr Number kFirstFinalistLeast{
    "shares.first_finalist_least",
    0.35,
    "Share of the epochs that the first of two finalists has at least.",
    "by eye",
    "ResNet-20 and ResNet-56, CIFAR-10",
    "2026-11"};
inline constexpr Number kFirstFinalistMost{
    "shares.first_finalist_most",
    0.45,
    "The same at most: the second goes on from it (decision 13), or is it.",
    "decisions 14 and 15",
    "ResNet-20 and ResNet-56, CIFAR-10",
    "2026-11"};
inline constexpr Number kOnlyFinalistLeast{
    "shares.only_finalist_least",
    0.6,
    "Share of its time that the finalist of a round has at least, when another round follows.",
    "decision 21",
    "ResNet-20 and ResNet-56, CIFAR-10",
    "2026-11"};
inline constexpr Number kLeastEpochs{"shares.least_epochs",
                                     1,
                                     "Epochs without which no final training begins.",
                                     "a guess",
                                     "none",
                                     "2026-11"};
inline constexpr Number kLeastEpochsOfTwo{
    "shares.least_epochs_of_two",
    2,
    "Epochs that the first of two finalists would have at most; with less, all go to one.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kMoreAttempts{"shares.more_attempts",
                                      2,
                                      "Finalists of a round that may fail and be replaced.",
                                      "a guess",
                                      "none",
                                      "2026-11"};
inline constexpr Number kSupernetTraining{
    "shares.supernet_training",
    0.5,
    "Share of the time between baselines and INT8 that trains a super-network.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kSubnetSearch{"shares.subnet_search",
                                      0.15,
                                      "Share of the same time that measures sub-networks.",
                                      "a guess",
                                      "none",
                                      "2026-11"};
inline constexpr Number kLeastSubnets{"shares.least_subnets",
                                      24,
                                      "Sub-networks that a search measures at least.",
                                      "a guess: a front of some points",
                                      "none",
                                      "2026-11"};
inline constexpr Number kMostSubnets{"shares.most_subnets",
                                     200,
                                     "Sub-networks that a search measures at most.",
                                     "docs/method.md, section 3: 100 to 200",
                                     "none",
                                     "2026-11"};
inline constexpr Number kDepthStageEnds{
    "shares.depth_stage_ends",
    0.15,
    "Share of a super-network's training after which widths vary, not blocks and kernels alone.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kHalfWidthStageEnds{
    "shares.half_width_stage_ends",
    0.4,
    "Share of a super-network's training after which all widths vary, not the wider half alone.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kSegmentSeconds{
    "shares.segment_seconds",
    300,
    "Seconds of a super-network's training that a kill loses at most, about.",
    "issue of BootstrapNAS: segments of five minutes",
    "none",
    "2026-11"};
inline constexpr Number kSegmentEpochs{"shares.segment_epochs",
                                       4,
                                       "Epochs of training that a kill loses at most.",
                                       "a guess",
                                       "none",
                                       "2026-11"};

inline constexpr Number kTuningEnds{
    "shares.tuning_ends",
    0.97,
    "Share of the budget that is spent when the last INT8 is tuned.",
    "by eye",
    "ResNet-20 and ResNet-56, CIFAR-10",
    "2026-11"};
inline constexpr Number kLeastTuning{
    "shares.least_tuning", 10,       "Seconds below which INT8 is not tuned.", "by eye",
    "ResNet-20, CIFAR-10", "2026-11"};

inline constexpr Number kLeastSearchSeconds{
    "shares.least_search_seconds",
    45,
    "Seconds of a budget, besides those for INT8 and acceptance, without which no search begins.",
    "a guess: a few trials of six seconds, and what comes before them",
    "none",
    "2026-11"};
inline constexpr Number kInt8LossMost{
    "shares.int8_loss_most",
    0.05,
    "Share of a budget that finding out what INT8 costs a finalist, before its training ends, may "
    "take.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kLeastTrainingShare{
    "shares.least_training_share",
    0.5,
    "Share of a budget that is spent, at least, when its last training ends, however long INT8 and "
    "acceptance take.",
    "a guess",
    "none",
    "2026-11"};
inline constexpr Number kGuardSlack{
    "shares.guard_slack",
    1.25,
    "Time for all of a finalist's INT8, over the time for tuning it.",
    "a guess",
    "none",
    "2026-11"};

// Work that is one job, so that a kill loses little of it.
inline constexpr Number kFragmentsPerJob{"shares.fragments_per_job",
                                         40,
                                         "Fragments that are timed in one job.",
                                         "a guess",
                                         "none",
                                         "2026-11"};
inline constexpr Number kFragmentBytesPerJob{"shares.fragment_bytes_per_job",
                                             50331648,
                                             "Bytes of the fragments that are timed in one job.",
                                             "a guess: several copies of them are in memory",
                                             "none",
                                             "2026-11"};
inline constexpr Number kCandidatesPerJob{
    "shares.candidates_per_job",
    16,
    "Candidates that are distilled or scored in one job; the teacher runs once for all of them.",
    "a guess",
    "none",
    "2026-11"};

// All of the above.
std::span<const Number* const> All();

}  // namespace nacre::shares
