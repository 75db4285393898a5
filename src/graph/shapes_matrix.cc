// Matrix products.
#include <map>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// Rows and columns of a matrix, turned where `turn` says so.
Expected<Shape> Matrix(const NodeView& view, size_t input, const char* turn) {
  NACRE_TRY(const bool turned, view.Flag(turn, false));
  Shape shape = view.ShapeOf(input);
  if (turned && shape.size() == 2) std::swap(shape[0], shape[1]);
  return shape;
}

// Gemm adds a bias that is broadcast to its result, not the other way round.
Expected<void> CheckBias(const Shape& bias, const Shape& out) {
  NACRE_TRY(const Shape sum, Broadcast(out, bias));
  if (sum.size() != 2 || !MayEqual(sum[0], out[0]) || !MayEqual(sum[1], out[1])) {
    return Unfit("bias " + ToString(bias) + " for " + ToString(out));
  }
  return {};
}

Outputs Gemm(const NodeView& view) {
  NACRE_TRY(const Shape a, Matrix(view, 0, "transA"));
  NACRE_TRY(const Shape b, Matrix(view, 1, "transB"));
  if (a.size() != 2 || b.size() != 2 || !MayEqual(a[1], b[0])) {
    return Unfit("matrices " + ToString(view.ShapeOf(0)) + " and " + ToString(view.ShapeOf(1)));
  }
  const Shape out = {a[0], b[1]};
  if (view.Has(2)) NACRE_CHECK_OK(CheckBias(view.ShapeOf(2), out));
  return Single(view.TypeOf(0), out);
}

// As numpy.matmul.
Outputs MatMul(const NodeView& view) {
  Shape a = view.ShapeOf(0), b = view.ShapeOf(1);
  const bool row = a.size() == 1, column = b.size() == 1;
  if (a.empty() || b.empty()) return Unfit("a scalar in a matrix product");
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (!MayEqual(a.back(), b[b.size() - 2])) {
    return Unfit("matrices " + ToString(view.ShapeOf(0)) + " and " + ToString(view.ShapeOf(1)));
  }
  NACRE_TRY(Shape out, Broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (!row) out.push_back(a[a.size() - 2]);
  if (!column) out.push_back(b.back());
  return Single(view.TypeOf(0), std::move(out));
}

// What an Einsum without ellipsis says: one term of letters an input, and one for the output.
struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

// Letters that occur once, in alphabetical order: the output of an equation that names none.
std::string LettersOfOne(const std::vector<std::string>& terms) {
  std::map<char, int> counts;
  for (const std::string& term : terms) {
    for (const char letter : term) ++counts[letter];
  }
  std::string once;
  for (const auto& [letter, count] : counts) {
    if (count == 1) once.push_back(letter);
  }
  return once;
}

Equation ReadEquation(std::string text) {
  std::erase(text, ' ');
  const size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  Equation equation;
  for (size_t from = 0, comma = 0; comma != std::string::npos; from = comma + 1) {
    comma = left.find(',', from);
    equation.inputs.push_back(left.substr(from, comma - from));
  }
  equation.output =
      arrow == std::string::npos ? LettersOfOne(equation.inputs) : text.substr(arrow + 2);
  return equation;
}

// The size of each letter.
Expected<std::map<char, int64_t>> LetterSizes(const NodeView& view, const Equation& equation) {
  std::map<char, int64_t> sizes;
  for (size_t i = 0; i < equation.inputs.size(); ++i) {
    const std::string& term = equation.inputs[i];
    if (!view.Has(i) || view.ShapeOf(i).size() != term.size()) {
      return Unfit("term '" + term + "' does not fit its input");
    }
    for (size_t d = 0; d < term.size(); ++d) {
      const auto [known, fresh] = sizes.try_emplace(term[d], view.ShapeOf(i)[d]);
      if (fresh || known->second == view.ShapeOf(i)[d]) continue;
      NACRE_TRY(const Shape both, Broadcast({known->second}, {view.ShapeOf(i)[d]}));
      known->second = both[0];
    }
  }
  return sizes;
}

Outputs Einsum(const NodeView& view) {
  NACRE_TRY(const std::string text, view.String("equation", ""));
  const Equation equation = ReadEquation(text);
  if (equation.inputs.size() != view.inputs.size()) return Unfit("terms do not fit the inputs");
  NACRE_TRY(const auto sizes, LetterSizes(view, equation));
  Shape out;
  for (const char letter : equation.output) {
    const auto size = sizes.find(letter);
    if (size == sizes.end()) return Unfit("equation '" + text + "' makes up a letter");
    out.push_back(size->second);
  }
  return Single(view.TypeOf(0), std::move(out));
}

Expected<void> CheckEinsum(const NodeView& view) {
  NACRE_TRY(const std::string text, view.String("equation", ""));
  if (text.find('.') != std::string::npos) return Unfit("Einsum with an ellipsis");
  return {};
}

}  // namespace

std::vector<RuleEntry> MatrixRules() {
  return {{"Gemm", 2, Gemm}, {"MatMul", 2, MatMul}, {"Einsum", 1, Einsum, CheckEinsum}};
}

}  // namespace nacre::graph_internal
