// Numbers about the search: which architectures are tried, in which order, and how long each is
// trained. Included by forecast/priors.h.
#pragma once

#include <array>

#include "base/number.h"

namespace nacre::priors {

// The exact solver's sweep (search/solver.h).

inline constexpr Number kSweepBudgets{
    .name = "search.sweep_budgets",
    .value = 10,
    .meaning = "The number of budgets in kSweep that the solver is asked for.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

// Budgets of the solver, as shares of the cost of all parts of the original.
inline constexpr std::array<double, 10> kSweep = {0.7, 0.6,  0.5, 0.42, 0.35,
                                                  0.3, 0.25, 0.2, 0.16, 0.13};

// The same where no architecture is that cheap.
inline constexpr std::array<double, 4> kMildSweep = {0.985, 0.95, 0.9, 0.8};

inline constexpr Number kSolutionsPerBudget{
    .name = "search.solutions_per_budget",
    .value = 2,
    .meaning = "The solutions that the solver gives for each budget.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kSolutionDiversity{
    .name = "search.solution_diversity",
    .value = 2,
    .meaning = "The picks by which solutions of one budget differ at least.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

// The tree (search/tree_search.h).

inline constexpr Number kRootShare{
    .name = "search.root_share",
    .value = 0.4,
    .meaning = "The share of the first rung's trials that roots may take.",
    .source = "decision 9; no other share was compared",
    .data = "40 synthetic landscapes",
    .date = "2026-11"};

inline constexpr Number kShortfallPrice{
    .name = "search.shortfall_price",
    .value = 150,
    .meaning =
        "The natural logarithm of cost that one unit of accuracy below the wanted one weighs: a "
        "point of accuracy weighs more than a factor of four in cost.",
    .source =
        "measurement: at a third of it a search went for networks ten times as fast that had 60 %",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kSurvivorDistance{
    .name = "search.survivor_distance",
    .value = 0.02,
    .meaning =
        "The difference in the natural logarithm of cost that survivors of a rung keep from one "
        "another, unless there are too few.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kParents{
    .name = "search.parents",
    .value = 6,
    .meaning = "The best points of the first rung whose neighbours are considered.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kHopelessExcess{
    .name = "search.hopeless_excess",
    .value = 1.5,
    .meaning =
        "The excess of a root's shortfall-weighted cost, in natural logarithms, over the best "
        "one's with which the root is hopeless.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

// Trials.

inline constexpr Number kLeastTrialSeconds{
    .name = "search.least_trial_seconds",
    .value = 6,
    .meaning = "The seconds of training that a trial of the first rung gets at least.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

inline constexpr Number kLeastFirstEpochs{.name = "search.least_first_epochs",
                                          .value = 0.15,
                                          .meaning =
                                              "The epochs that a trial of the first rung gets at "
                                              "least, for a network twice as fast as the original.",
                                          .source = "decision 7",
                                          .data = "ResNet-56, CIFAR-10",
                                          .date = "2026-11"};

inline constexpr Number kLeastTrialEpochs{.name = "search.least_trial_epochs",
                                          .value = 0.02,
                                          .meaning = "The epochs that any trial gets at least.",
                                          .source = "by eye",
                                          .data = "none",
                                          .date = "2026-11"};

inline constexpr Number kMostTrialEpochs{.name = "search.most_trial_epochs",
                                         .value = 8,
                                         .meaning = "The epochs that any trial gets at most.",
                                         .source = "by eye",
                                         .data = "none",
                                         .date = "2026-11"};

inline constexpr Number kFirstRungRate{
    .name = "search.first_rung_rate",
    .value = 0.15,
    .meaning = "The learning rates of the first rung's trials, as a share of the trainer's rates.",
    .source = "decision 6",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kLaterRungRate{
    .name = "search.later_rung_rate",
    .value = 0.2,
    .meaning = "The learning rates of later rungs' trials, as a share of the trainer's rates.",
    .source = "decision 6",
    .data = "ResNet-20, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kLeastShared{.name = "search.least_shared",
                                     .value = 0.3,
                                     .meaning =
                                         "The share of its blocks that a network has in common at "
                                         "least with one whose training it takes over.",
                                     .source = "decisions 10 and 13, which give no data for it",
                                     .data = "none",
                                     .date = "2026-11"};

inline constexpr Number kGraftLoss{
    .name = "search.graft_loss",
    .value = 0.05,
    .meaning =
        "The accuracy that a network may lose at first when it takes over weights of another "
        "training (accuracy in [0, 1]).",
    .source = "decision 13; one pair of finalists lost 0.006",
    .data = "ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kRootsFarther{
    .name = "search.roots_farther",
    .value = 2,
    .meaning =
        "The cost up to which solutions become roots of a later round, over the cost that misses "
        "the limit or can attain it.",
    .source = "decisions 21 and 24; it began at 1.46x with all of them",
    .data = "ResNet-56, CIFAR-10",
    .date = "2026-11"};

inline constexpr Number kRankLeastNetworks{
    .name = "search.rank_least_networks",
    .value = 5,
    .meaning = "The trials below which no rank correlation is reported.",
    .source = "by eye",
    .data = "none",
    .date = "2026-11"};

}  // namespace nacre::priors
