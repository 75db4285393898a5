// Operations that compute with numbers. Integers in 64 bit, all else in float, as the runtimes do.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>

#include "graph/constants.h"

namespace nacre::graph_internal {
namespace {

// The two inputs of an operation, spread over the elements of its output.
struct Pair {
  const Content& a;
  const Content& b;
  std::vector<int64_t> at_a, at_b;

  Pair(const NodeView& view, const Shape& out)
      : a(*view.ContentOf(0)),
        b(*view.ContentOf(1)),
        at_a(BroadcastIndices(a.values.shape(), out)),
        at_b(BroadcastIndices(b.values.shape(), out)) {}
  size_t count() const { return at_a.size(); }
};

// A size: a number, or a name where it is not 0. Names stand for sizes, so they are never negative.
struct Size {
  int64_t number = 0;
  int64_t name = 0;
};

constexpr Size kAnySize = {0, kDynamic};

// What is known of the result where `a` or `b` is a name.
using NamedRule = Size (*)(Size a, Size b);

bool IsNumber(Size size, int64_t number) { return size.name == 0 && size.number == number; }

Size NamedSum(Size a, Size b) {
  if (IsNumber(b, 0)) return a;
  return IsNumber(a, 0) ? b : kAnySize;
}

Size NamedDifference(Size a, Size b) { return IsNumber(b, 0) ? a : kAnySize; }

Size NamedProduct(Size a, Size b) {
  if (IsNumber(a, 0) || IsNumber(b, 0)) return {0, 0};
  if (IsNumber(b, 1)) return a;
  return IsNumber(a, 1) ? b : kAnySize;
}

Size NamedQuotient(Size a, Size b) { return IsNumber(b, 1) ? a : kAnySize; }

// Max and Min.
Size NamedExtreme(Size a, Size b) { return a.name == b.name ? a : kAnySize; }

Size NamedEquality(Size a, Size b) {
  const bool left_negative = a.name == 0 && a.number < 0;
  const bool right_negative = b.name == 0 && b.number < 0;
  return left_negative || right_negative ? Size{0, 0} : kAnySize;
}

// Of operations whose result a size that is not known leaves open.
Size NamedUnknown(Size, Size) { return kAnySize; }

// The remainder has the sign of the divisor (ONNX Mod without fmod).
std::optional<int64_t> Modulo(int64_t a, int64_t b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::optional<int64_t> DivideTowardsZero(int64_t a, int64_t b) {
  if (b == 0 || (b == -1 && a == std::numeric_limits<int64_t>::min())) return std::nullopt;
  return a / b;
}

// An operation on two integers; nothing when it overflows.
struct IntegerOperation {
  std::optional<int64_t> (*compute)(int64_t, int64_t);
  NamedRule named;
};

const std::map<std::string, IntegerOperation>& IntegerOperations() {
  using Result = std::optional<int64_t>;
  static const std::map<std::string, IntegerOperation> operations = {
      {"Add", {[](int64_t a, int64_t b) { return Result(a + b); }, NamedSum}},
      {"Sub", {[](int64_t a, int64_t b) { return Result(a - b); }, NamedDifference}},
      {"Mul", {[](int64_t a, int64_t b) { return Result(a * b); }, NamedProduct}},
      {"Div", {DivideTowardsZero, NamedQuotient}},
      {"Max", {[](int64_t a, int64_t b) { return Result(std::max(a, b)); }, NamedExtreme}},
      {"Min", {[](int64_t a, int64_t b) { return Result(std::min(a, b)); }, NamedExtreme}},
      {"Mod", {Modulo, NamedUnknown}},
      {"Greater", {[](int64_t a, int64_t b) { return Result(a > b); }, NamedUnknown}},
      {"GreaterOrEqual", {[](int64_t a, int64_t b) { return Result(a >= b); }, NamedUnknown}},
      {"Less", {[](int64_t a, int64_t b) { return Result(a < b); }, NamedUnknown}},
      {"LessOrEqual", {[](int64_t a, int64_t b) { return Result(a <= b); }, NamedUnknown}},
      {"And", {[](int64_t a, int64_t b) { return Result(a != 0 && b != 0); }, NamedUnknown}},
      {"Or", {[](int64_t a, int64_t b) { return Result(a != 0 || b != 0); }, NamedUnknown}},
      {"Xor", {[](int64_t a, int64_t b) { return Result((a != 0) != (b != 0)); }, NamedUnknown}},
      {"Equal", {[](int64_t a, int64_t b) { return Result(a == b); }, NamedEquality}}};
  return operations;
}

using FloatOperation = std::function<float(float, float)>;

const std::map<std::string, FloatOperation>& FloatOperations() {
  static const std::map<std::string, FloatOperation> operations = {
      {"Add", std::plus<float>()},
      {"Sub", std::minus<float>()},
      {"Mul", std::multiplies<float>()},
      {"Div", std::divides<float>()},
      {"Pow", [](float a, float b) { return std::pow(a, b); }},
      {"Max", [](float a, float b) { return std::max(a, b); }},
      {"Min", [](float a, float b) { return std::min(a, b); }},
      {"Mod", [](float a, float b) { return std::fmod(a, b); }},
      {"Greater", [](float a, float b) { return a > b ? 1.0f : 0.0f; }},
      {"GreaterOrEqual", [](float a, float b) { return a >= b ? 1.0f : 0.0f; }},
      {"Less", [](float a, float b) { return a < b ? 1.0f : 0.0f; }},
      {"LessOrEqual", [](float a, float b) { return a <= b ? 1.0f : 0.0f; }},
      {"Equal", [](float a, float b) { return a == b ? 1.0f : 0.0f; }}};
  return operations;
}

const std::map<std::string, float (*)(float)>& FloatFunctions() {
  static const std::map<std::string, float (*)(float)> functions = {
      {"Neg", [](float x) { return -x; }},
      {"Abs", [](float x) { return std::fabs(x); }},
      {"Floor", [](float x) { return std::floor(x); }},
      {"Ceil", [](float x) { return std::ceil(x); }},
      {"Round", [](float x) { return std::nearbyint(x); }},
      {"Sign", [](float x) { return x > 0 ? 1.0f : (x < 0 ? -1.0f : x); }},
      {"Log", [](float x) { return std::log(x); }},
      {"Reciprocal", [](float x) { return 1 / x; }},
      {"Sin", [](float x) { return std::sin(x); }},
      {"Cos", [](float x) { return std::cos(x); }},
      {"Tanh", [](float x) { return std::tanh(x); }},
      {"Erf", [](float x) { return std::erf(x); }},
      {"Relu", [](float x) { return std::max(x, 0.0f); }},
      {"Sigmoid", [](float x) { return 1 / (1 + std::exp(-x)); }},
      {"Sqrt", [](float x) { return std::sqrt(x); }},
      {"Exp", [](float x) { return std::exp(x); }}};
  return functions;
}

const std::map<std::string, int64_t (*)(int64_t)>& IntegerFunctions() {
  static const std::map<std::string, int64_t (*)(int64_t)> functions = {
      {"Not", [](int64_t x) { return int64_t{x == 0}; }},
      {"Sign", [](int64_t x) { return int64_t{x > 0} - int64_t{x < 0}; }},
      {"Neg", [](int64_t x) { return -x; }},
      {"Abs", [](int64_t x) { return std::abs(x); }}};
  return functions;
}

Contents AsContents(std::optional<Tensor> tensor, std::vector<int64_t> names = {}) {
  if (!tensor) return NotDetermined();
  return One({std::move(*tensor), std::move(names)});
}

Contents IntegerPair(const IntegerOperation& operation, const Pair& pair, const Value& out) {
  const std::vector<int64_t> left = pair.a.values.ToInts(), right = pair.b.values.ToInts();
  std::vector<int64_t> values(pair.count()), names(pair.count(), 0);
  for (size_t i = 0; i < pair.count(); ++i) {
    const int64_t at_a = pair.at_a[i], at_b = pair.at_b[i];
    const Size a = {left[static_cast<size_t>(at_a)], pair.a.NameAt(at_a)};
    const Size b = {right[static_cast<size_t>(at_b)], pair.b.NameAt(at_b)};
    if (a.name != 0 || b.name != 0) {
      const Size result = operation.named(a, b);
      values[i] = result.number;
      names[i] = result.name;
      continue;
    }
    const auto result = operation.compute(a.number, b.number);
    if (!result) return Unfit("an integer division that overflows");
    values[i] = *result;
  }
  return AsContents(TensorOf(out.type, out.shape, values), std::move(names));
}

Contents FloatPair(const FloatOperation& operation, const Pair& pair, const Value& out) {
  if (!pair.a.Known() || !pair.b.Known()) return NotDetermined();
  const std::vector<float> left = pair.a.values.ToFloats(), right = pair.b.values.ToFloats();
  std::vector<float> values(pair.count());
  for (size_t i = 0; i < pair.count(); ++i) {
    values[i] = operation(left[static_cast<size_t>(pair.at_a[i])],
                          right[static_cast<size_t>(pair.at_b[i])]);
  }
  return AsContents(TensorOf(out.type, out.shape, values));
}

// Integers and truth values.
bool IsWhole(DataType type) { return IsInteger(type) || type == DataType::kBool; }

Contents EvaluatePair(const NodeView& view, const std::vector<Value>& shapes) {
  if (view.inputs.size() != 2 || !view.Has(1) || view.TypeOf(0) != view.TypeOf(1)) {
    return NotDetermined();
  }
  const Value& out = shapes[0];
  const auto of_integers = IntegerOperations().find(view.node.op);
  NACRE_TRY(const bool like_c, view.Flag("fmod", false));
  if (IsWhole(view.TypeOf(0)) && of_integers != IntegerOperations().end()) {
    if (like_c) return NotDetermined();
    return IntegerPair(of_integers->second, Pair(view, out.shape), out);
  }
  const auto of_floats = FloatOperations().find(view.node.op);
  if (view.TypeOf(0) != DataType::kFloat || of_floats == FloatOperations().end()) {
    return NotDetermined();
  }
  return FloatPair(of_floats->second, Pair(view, out.shape), out);
}

Contents EvaluateUnary(const NodeView& view, const std::vector<Value>& shapes) {
  const Content& from = *view.ContentOf(0);
  const Value& out = shapes[0];
  if (view.inputs.size() != 1 || !from.Known()) return NotDetermined();
  const auto of_floats = FloatFunctions().find(view.node.op);
  if (out.type == DataType::kFloat && of_floats != FloatFunctions().end()) {
    std::vector<float> values = from.values.ToFloats();
    for (float& value : values) value = of_floats->second(value);
    return One({Tensor::Floats(out.shape, values), {}});
  }
  const auto function = IntegerFunctions().find(view.node.op);
  if (!IsWhole(out.type) || function == IntegerFunctions().end()) return NotDetermined();
  std::vector<int64_t> values = from.values.ToInts();
  for (int64_t& value : values) value = function->second(value);
  return AsContents(TensorOf(out.type, out.shape, values));
}

}  // namespace

std::map<std::string, Evaluator> ArithmeticEvaluators() {
  std::map<std::string, Evaluator> evaluators;
  for (const auto& [op, operation] : FloatOperations()) evaluators[op] = EvaluatePair;
  for (const auto& [op, operation] : IntegerOperations()) evaluators[op] = EvaluatePair;
  for (const auto& [op, function] : FloatFunctions()) evaluators[op] = EvaluateUnary;
  for (const auto& [op, function] : IntegerFunctions()) evaluators[op] = EvaluateUnary;
  return evaluators;
}

}  // namespace nacre::graph_internal
