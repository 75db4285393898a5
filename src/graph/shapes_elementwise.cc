// Operations that keep or broadcast the shapes of their inputs.
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

Outputs Same(const NodeView& view) { return Single(view.TypeOf(0), view.ShapeOf(0)); }

Expected<Shape> BroadcastAll(const NodeView& view) {
  Shape shape = view.ShapeOf(0);
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    if (!view.Has(i)) continue;
    NACRE_TRY(shape, Broadcast(shape, view.ShapeOf(i)));
  }
  return shape;
}

Outputs Arithmetic(const NodeView& view) {
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    if (view.Has(i) && view.TypeOf(i) != view.TypeOf(0) && view.node.op != "Pow") {
      return Unfit(std::string("inputs of ") + DataTypeName(view.TypeOf(0)) + " and " +
                   DataTypeName(view.TypeOf(i)));
    }
  }
  NACRE_TRY(Shape shape, BroadcastAll(view));
  return Single(view.TypeOf(0), std::move(shape));
}

// Comparisons, and operations on truth values.
Outputs Condition(const NodeView& view) {
  NACRE_TRY(Shape shape, BroadcastAll(view));
  return Single(DataType::kBool, std::move(shape));
}

Outputs Where(const NodeView& view) {
  NACRE_TRY(Shape shape, BroadcastAll(view));
  return Single(view.TypeOf(1), std::move(shape));
}

Outputs PRelu(const NodeView& view) {
  NACRE_TRY(const Shape shape, Broadcast(view.ShapeOf(0), view.ShapeOf(1)));
  if (shape.size() != view.ShapeOf(0).size()) return Unfit("a slope larger than its input");
  for (size_t i = 0; i < shape.size(); ++i) {
    if (view.ShapeOf(0)[i] == 1 && shape[i] != 1) return Unfit("a slope larger than its input");
  }
  return Same(view);
}

Outputs Dropout(const NodeView& view) {
  return std::vector<Value>{{"", view.TypeOf(0), view.ShapeOf(0)},
                            {"", DataType::kBool, view.ShapeOf(0)}};
}

Outputs Quantize(const NodeView& view) {
  NACRE_TRY(const int64_t named, view.Int("output_dtype", static_cast<int64_t>(DataType::kUint8)));
  const DataType type = view.Has(2) ? view.TypeOf(2) : static_cast<DataType>(named);
  return Single(type, view.ShapeOf(0));
}

Outputs Dequantize(const NodeView& view) { return Single(view.TypeOf(1), view.ShapeOf(0)); }

Expected<void> CheckQuantization(const NodeView& view) {
  NACRE_TRY(const int64_t block, view.Int("block_size", 0));
  if (block != 0) return Unfit(view.node.op + " in blocks");
  return {};
}

Outputs Cast(const NodeView& view) {
  NACRE_TRY(const int64_t to, view.Int("to", 0));
  const auto type = static_cast<DataType>(to);
  if (ElementSize(type) == 0) return Unfit("cast to a type that holds no numbers");
  return Single(type, view.ShapeOf(0));
}

Outputs CastLike(const NodeView& view) { return Single(view.TypeOf(1), view.ShapeOf(0)); }

Expected<void> CheckCast(const NodeView& view) {
  NACRE_TRY(const int64_t to, view.Int("to", 0));
  if (ElementSize(static_cast<DataType>(to)) > 0) return {};
  return Unfit("Cast to a type that nacre does not hold");
}

}  // namespace

std::vector<RuleEntry> ElementwiseRules() {
  std::vector<RuleEntry> rules;
  for (const char* op : {"Relu",
                         "LeakyRelu",
                         "Clip",
                         "HardSwish",
                         "HardSigmoid",
                         "Sigmoid",
                         "Tanh",
                         "Elu",
                         "Celu",
                         "Selu",
                         "Mish",
                         "Gelu",
                         "Softplus",
                         "Softsign",
                         "Softmax",
                         "LogSoftmax",
                         "Erf",
                         "Sqrt",
                         "Exp",
                         "Log",
                         "Floor",
                         "Ceil",
                         "Round",
                         "Sign",
                         "Neg",
                         "Abs",
                         "Reciprocal",
                         "Sin",
                         "Cos",
                         "Identity",
                         "ThresholdedRelu"}) {
    rules.push_back({op, 1, Same});
  }
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Pow", "Mod"}) {
    rules.push_back({op, 2, Arithmetic});
  }
  for (const char* op : {"Max", "Min", "Sum", "Mean"}) rules.push_back({op, 1, Arithmetic});
  for (const char* op :
       {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor"}) {
    rules.push_back({op, 2, Condition});
  }
  rules.insert(rules.end(), {{"Not", 1, Condition},
                             {"Where", 3, Where},
                             {"PRelu", 2, PRelu},
                             {"Dropout", 1, Dropout},
                             {"QuantizeLinear", 2, Quantize, CheckQuantization},
                             {"DequantizeLinear", 2, Dequantize, CheckQuantization},
                             {"CastLike", 2, CastLike},
                             {"Cast", 1, Cast, CheckCast}});
  return rules;
}

}  // namespace nacre::graph_internal
