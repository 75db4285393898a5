// Operations that compute with numbers. Integers in 64 bit, all else in float, as the runtimes do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "graph/constants.h"

namespace nacre {
namespace {

int64_t DivideTowardsZero(int64_t a, int64_t b) {
  if (b == 0 || (b == -1 && a == std::numeric_limits<int64_t>::min())) {
    throw std::logic_error("an integer division that overflows");
  }
  return a / b;
}

template <typename T>
using Binary = std::function<T(T, T)>;

const std::map<std::string, Binary<int64_t>>& IntegerOperations() {
  static const std::map<std::string, Binary<int64_t>> operations = {
      {"Add", std::plus<int64_t>()},
      {"Sub", std::minus<int64_t>()},
      {"Mul", std::multiplies<int64_t>()},
      {"Div", DivideTowardsZero},
      {"Max", [](int64_t a, int64_t b) { return std::max(a, b); }},
      {"Min", [](int64_t a, int64_t b) { return std::min(a, b); }},
      {"Equal", [](int64_t a, int64_t b) { return int64_t{a == b}; }}};
  return operations;
}

const std::map<std::string, Binary<float>>& FloatOperations() {
  static const std::map<std::string, Binary<float>> operations = {
      {"Add", std::plus<float>()},
      {"Sub", std::minus<float>()},
      {"Mul", std::multiplies<float>()},
      {"Div", std::divides<float>()},
      {"Pow", [](float a, float b) { return std::pow(a, b); }},
      {"Max", [](float a, float b) { return std::max(a, b); }},
      {"Min", [](float a, float b) { return std::min(a, b); }},
      {"Equal", [](float a, float b) { return a == b ? 1.0f : 0.0f; }}};
  return operations;
}

const std::map<std::string, float (*)(float)>& FloatFunctions() {
  static const std::map<std::string, float (*)(float)> functions = {
      {"Neg", [](float x) { return -x; }},
      {"Abs", [](float x) { return std::fabs(x); }},
      {"Floor", [](float x) { return std::floor(x); }},
      {"Sqrt", [](float x) { return std::sqrt(x); }},
      {"Exp", [](float x) { return std::exp(x); }}};
  return functions;
}

// Name of the result where `a` or `b` is a name; 0 when the result is known after all, then in
// `*value`. Names stand for sizes, so they are never negative.
int64_t NamedResult(const std::string& op, int64_t name_a, int64_t a, int64_t name_b, int64_t b,
                    int64_t* value) {
  const bool left = name_a != 0, right = name_b != 0;
  const int64_t name = left ? name_a : name_b;
  if (left && right) return op == "Max" || op == "Min" ? (name_a == name_b ? name_a : -1) : -1;
  const int64_t known = left ? b : a;
  if (op == "Equal" && known < 0) {
    *value = 0;
    return 0;
  }
  if (op == "Mul" && known == 0) {
    *value = 0;
    return 0;
  }
  const bool neutral = (op == "Mul" && known == 1) || (op == "Add" && known == 0) ||
                       (left && op == "Sub" && known == 0) || (left && op == "Div" && known == 1);
  return neutral ? name : -1;
}

std::optional<Content> IntegerPair(const std::string& op, const Content& a, const Content& b,
                                   const Value& out) {
  const auto operation = IntegerOperations().find(op);
  if (operation == IntegerOperations().end()) return std::nullopt;
  const std::vector<int64_t> left = a.values.ToInts(), right = b.values.ToInts();
  const auto at_a = BroadcastIndices(a.values.shape(), out.shape);
  const auto at_b = BroadcastIndices(b.values.shape(), out.shape);
  std::vector<int64_t> values(at_a.size()), names(at_a.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t x = left[static_cast<size_t>(at_a[i])], y = right[static_cast<size_t>(at_b[i])];
    const int64_t name_x = a.NameAt(at_a[i]), name_y = b.NameAt(at_b[i]);
    if (name_x == 0 && name_y == 0) {
      values[i] = operation->second(x, y);
    } else {
      names[i] = NamedResult(op, name_x, x, name_y, y, &values[i]);
    }
  }
  auto tensor = TensorOf(out.type, out.shape, values);
  if (!tensor) return std::nullopt;
  return Content{std::move(*tensor), std::move(names)};
}

std::optional<Content> FloatPair(const std::string& op, const Content& a, const Content& b,
                                 const Value& out) {
  const auto operation = FloatOperations().find(op);
  if (operation == FloatOperations().end() || !a.Known() || !b.Known()) return std::nullopt;
  const std::vector<float> left = a.values.ToFloats(), right = b.values.ToFloats();
  const auto at_a = BroadcastIndices(a.values.shape(), out.shape);
  const auto at_b = BroadcastIndices(b.values.shape(), out.shape);
  std::vector<float> values(at_a.size());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] =
        operation->second(left[static_cast<size_t>(at_a[i])], right[static_cast<size_t>(at_b[i])]);
  }
  auto tensor = TensorOf(out.type, out.shape, values);
  if (!tensor) return std::nullopt;
  return Content{std::move(*tensor), {}};
}

std::optional<Content> EvaluateUnary(const NodeView& view, const Value& out) {
  const Content& from = *view.ContentOf(0);
  const auto function = FloatFunctions().find(view.node.op);
  if (function == FloatFunctions().end() || !from.Known()) return std::nullopt;
  if (out.type == DataType::kFloat) {
    std::vector<float> values = from.values.ToFloats();
    for (float& value : values) value = function->second(value);
    return Content{Tensor::Floats(out.shape, values), {}};
  }
  if (!IsInteger(out.type)) return std::nullopt;
  std::vector<int64_t> values = from.values.ToInts();
  for (int64_t& value : values) value = view.node.op == "Neg" || value < 0 ? -value : value;
  return Content{*TensorOf(out.type, out.shape, values), {}};
}

}  // namespace

std::optional<Content> EvaluateArithmetic(const NodeView& view, const Value& out) {
  const std::string& op = view.node.op;
  if (view.inputs.empty() || view.ContentOf(0) == nullptr) return std::nullopt;
  if (op == "Cast") return EvaluateCast(*view.ContentOf(0), out);
  if (op == "Where") return EvaluateWhere(view, out);
  if (op == "Range") return EvaluateRange(view, out);
  if (view.inputs.size() == 1) return EvaluateUnary(view, out);
  if (view.inputs.size() != 2 || view.ContentOf(1) == nullptr) return std::nullopt;
  const DataType type = view.TypeOf(0);
  if (type != view.TypeOf(1)) return std::nullopt;
  if (IsInteger(type)) return IntegerPair(op, *view.ContentOf(0), *view.ContentOf(1), out);
  if (type == DataType::kFloat) return FloatPair(op, *view.ContentOf(0), *view.ContentOf(1), out);
  return std::nullopt;
}

}  // namespace nacre
