// Two classifiers on the same images: how much accuracy the second has lost, with bounds that hold
// for matched pairs, and whether the loss is shown to be within a limit. Thread-safe.
//
// The same images are asked of both, so that what counts is where they differ: the bounds are far
// narrower than those of two separate accuracies.
#pragma once

#include <cstdint>
#include <vector>

namespace nacre {

// How many images both get right, one of the two, or neither; fractions where images have weights.
struct PairedCounts {
  double both = 0, only_original = 0, only_result = 0, neither = 0;
  double images() const { return both + only_original + only_result + neither; }
};

// `original` and `result` say for each image, in the same order, whether the network was right.
// `weights`: what each image counts, adding up to 1; empty: all alike. The counts then are of as
// many images as would have the same variance if they counted alike, 1 / sum of squares. Throws
// std::logic_error when the lengths differ.
PairedCounts CountPairs(const std::vector<bool>& original, const std::vector<bool>& result,
                        const std::vector<double>& weights = {});

// A loss of accuracy; negative where the result is better. Each of `low` and `high` is a one-sided
// 95 % bound: the true loss is above `high` with a probability of at most about 5 %.
struct Drop {
  double value = 0, low = 0, high = 0;
};

// Relative to the original's accuracy, 1 - p(result) / p(original), by the score method for the
// ratio of matched proportions (Nam and Blackwelder, Statistics in Medicine 21, 2002, section 2).
// Without an image that the original gets right: all zero.
Drop RelativeDrop(const PairedCounts& counts);

// In points of accuracy as a fraction, p(original) - p(result), by the score method for the
// difference of matched proportions (Tango, Statistics in Medicine 17, 1998, section 3). Without
// images: all zero.
Drop DropInPoints(const PairedCounts& counts);

// Probability of discordant answers as uneven as these, or more so, when both networks are equally
// accurate (exact McNemar test, two-sided), in [0, 1]; 1 without discordant answers.
double EqualityProbability(const PairedCounts& counts);

}  // namespace nacre
