// AnswerForm: what the numbers of a network's answers mean, so that students can imitate them and
// answers can be compared, whatever the network is for. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

enum class AnswerKind {
  kClasses,  // each row is the logits of classes that exclude each other: softmax
  kLogits,   // each number is a logit of its own: sigmoid
  kNumbers,  // plain numbers, such as codes of boxes
};

// One output of the network: `rows` rows of `columns` numbers for each image.
struct AnswerPart {
  std::string value;  // name of the output
  AnswerKind kind = AnswerKind::kNumbers;
  int64_t rows = 1, columns = 0;
  // Another part with as many rows, which says in which of them something is seen: only there do
  // these numbers mean anything. The first class of that part is then "nothing", when its classes
  // exclude each other.
  std::optional<size_t> seen_in;

  int64_t numbers() const { return rows * columns; }
};

struct AnswerForm {
  // Empty: the network has one output [N, classes], a row of kClasses, and images have labels.
  std::vector<AnswerPart> parts;

  bool labelled() const { return parts.empty(); }
  // Whether another part takes this one's word for where something is seen.
  bool Tells(size_t part) const;
};

// The network with one output [N, numbers], all parts after each other, whose classes are
// innermost: what trainers and compilers run when only answers are wanted. Without parts: as it is.
// Throws std::logic_error when a part is none of its outputs.
Network JoinAnswers(const Network& network, const AnswerForm& form);

// The inverse: the weights of `joined`, which JoinAnswers made of a network like `plain`, with the
// outputs of `plain`.
Network SeparateAnswers(Network joined, const Network& plain, const AnswerForm& form);

// How far `answers` are from `reference`, both float [n, numbers], per image; not negative, 0 for
// equal ones. Classes: the Kullback-Leibler divergence of each row, in nats. Logits: the same of
// each number. Numbers: the smooth L1 distance (Fast R-CNN, arXiv 1504.08083, equation 3) times how
// surely something is seen in their row; without a part that says so, squared errors over the
// variance of the reference. Rows are added up and divided by the rows in which something is seen,
// at least one; or they count alike, where nothing tells. Throws std::logic_error on shapes that do
// not fit.
double Divergence(const AnswerForm& form, const Tensor& reference, const Tensor& answers);

}  // namespace nacre
