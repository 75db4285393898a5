#include "graph/operations.h"

#include <string_view>
#include <unordered_map>

#include "graph/shape_rules.h"

namespace nacre {

using namespace graph_internal;

namespace {

using enum ActivationClass;
using enum ChannelCoupling;
using enum ParameterRole;
using enum Quantization;
using Kind = OperationKind;

// A row names what differs from the defaults of OperationTraits.
constexpr OperationTraits kRows[] = {
    // Layers with weights.
    {.op = "Conv",
     .kind = Kind::kConvolution,
     .channels = ChannelCoupling::kConvolution,
     .quantization = kWeighted,
     .roles = {kConstant, kWeight, kVector},
     .overwritable = true},
    {.op = "ConvTranspose",
     .kind = Kind::kTransposedConvolution,
     .channels = ChannelCoupling::kConvolution,
     .roles = {kConstant, kWeight, kVector},
     .overwritable = true},
    {.op = "Gemm",
     .kind = Kind::kLinear,
     .channels = ChannelCoupling::kLinear,
     .quantization = kWeighted,
     .roles = {kConstant, kWeight, kVector},
     .overwritable = true},
    {.op = "MatMul",
     .kind = Kind::kLinear,
     .channels = ChannelCoupling::kLinear,
     .quantization = kWeighted,
     .roles = {kWeight, kWeight}},
    {.op = "BatchNormalization",
     .channels = kPerChannel,
     .quantization = kFused,
     .roles = {kConstant, kVector, kVector, kStatistic, kStatistic},
     .overwritable = true,
     .in_place = true},
    {.op = "InstanceNormalization",
     .channels = kPerChannel,
     .roles = {kConstant, kVector, kVector}},
    {.op = "LayerNormalization", .channels = kOverAxis, .roles = {kConstant, kVector, kVector}},
    {.op = "LpNormalization", .channels = kOverAxis},
    {.op = "MeanVarianceNormalization", .channels = kAxes},
    {.op = "LRN"},
    {.op = "Einsum", .roles = {kWeight, kWeight}},

    // Pooling and reductions.
    {.op = "MaxPool", .kind = Kind::kPooling, .channels = kPasses, .quantization = kMoves},
    {.op = "AveragePool", .kind = Kind::kPooling, .channels = kPasses, .quantization = kAverages},
    {.op = "GlobalMaxPool", .kind = Kind::kPooling, .channels = kPasses},
    {.op = "GlobalAveragePool",
     .kind = Kind::kPooling,
     .channels = kPasses,
     .quantization = kAverages},
    {.op = "LpPool", .kind = Kind::kPooling, .channels = kPasses},
    {.op = "GlobalLpPool", .kind = Kind::kPooling, .channels = kPasses},
    {.op = "ReduceMean", .kind = Kind::kPooling, .channels = kAxes, .quantization = kAverages},
    {.op = "ReduceL1", .kind = Kind::kPooling, .channels = kAxes, .non_negative = true},
    {.op = "ReduceL2", .kind = Kind::kPooling, .channels = kAxes, .non_negative = true},
    {.op = "ReduceLogSum", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceLogSumExp", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceMax", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceMin", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceProd", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceSum", .kind = Kind::kPooling, .channels = kAxes},
    {.op = "ReduceSumSquare", .kind = Kind::kPooling, .channels = kAxes, .non_negative = true},
    {.op = "ArgMax", .has_gradient = false},
    {.op = "ArgMin", .has_gradient = false},
    {.op = "TopK"},

    // Activations.
    {.op = "Relu",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kFast,
     .in_place = true,
     .non_negative = true},
    {.op = "LeakyRelu",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kFast,
     .in_place = true},
    {.op = "PRelu",
     .channels = kBroadcasts,
     .quantization = kFused,
     .activation = kFast,
     .roles = {kConstant, kVector},
     .in_place = true},
    {.op = "Clip",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kFast,
     .in_place = true,
     .configured_by_inputs = true},
    {.op = "Elu",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kSlow,
     .in_place = true},
    {.op = "HardSwish",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kSlow,
     .in_place = true},
    {.op = "Sigmoid",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kGate,
     .in_place = true,
     .non_negative = true},
    {.op = "HardSigmoid",
     .channels = kPasses,
     .quantization = kFused,
     .activation = kGate,
     .in_place = true,
     .non_negative = true},
    {.op = "Tanh", .channels = kPasses, .quantization = kFused, .in_place = true},
    {.op = "Celu", .channels = kPasses, .activation = kSlow, .in_place = true},
    {.op = "Gelu", .channels = kPasses, .activation = kSlow, .in_place = true},
    {.op = "Mish", .channels = kPasses, .activation = kSlow, .in_place = true},
    {.op = "Selu", .channels = kPasses, .activation = kSlow, .in_place = true},
    {.op = "Softplus", .channels = kPasses, .activation = kSlow, .non_negative = true},
    {.op = "Softsign", .channels = kPasses, .activation = kSlow},
    {.op = "ThresholdedRelu", .channels = kPasses, .activation = kSlow, .in_place = true},
    {.op = "Softmax", .channels = kOverAxis},
    {.op = "LogSoftmax", .channels = kOverAxis},

    // Arithmetic on one value.
    {.op = "Abs", .channels = kPasses},
    {.op = "Cast", .channels = kPasses},
    {.op = "CastLike", .channels = kPasses},
    {.op = "Ceil", .channels = kPasses, .has_gradient = false},
    {.op = "Cos", .channels = kPasses},
    {.op = "Erf", .channels = kPasses, .in_place = true},
    {.op = "Exp", .channels = kPasses},
    {.op = "Floor", .channels = kPasses, .has_gradient = false},
    {.op = "Log", .channels = kPasses},
    {.op = "Neg", .channels = kPasses},
    {.op = "Reciprocal", .channels = kPasses},
    {.op = "Round", .channels = kPasses, .has_gradient = false},
    {.op = "Sign", .channels = kPasses, .has_gradient = false},
    {.op = "Sin", .channels = kPasses},
    {.op = "Sqrt", .channels = kPasses},

    // Arithmetic on several values.
    {.op = "Add",
     .channels = kBroadcasts,
     .quantization = kSum,
     .overwritable = true,
     .in_place = true},
    {.op = "Sub", .channels = kBroadcasts, .in_place = true},
    {.op = "Mul", .channels = kBroadcasts, .in_place = true},
    {.op = "Div", .channels = kBroadcasts, .in_place = true},
    {.op = "Pow", .channels = kBroadcasts, .configured_by_inputs = true},
    {.op = "Max", .channels = kBroadcasts},
    {.op = "Min", .channels = kBroadcasts},
    {.op = "Mean", .channels = kBroadcasts},
    {.op = "Mod", .channels = kBroadcasts},
    {.op = "Sum", .channels = kBroadcasts},

    // Conditions.
    {.op = "And", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Equal", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Greater", .channels = kBroadcasts, .has_gradient = false},
    {.op = "GreaterOrEqual", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Less", .channels = kBroadcasts, .has_gradient = false},
    {.op = "LessOrEqual", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Not", .channels = kPasses, .has_gradient = false},
    {.op = "Or", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Xor", .channels = kBroadcasts, .has_gradient = false},
    {.op = "Where", .channels = kBroadcasts},

    // Layout.
    {.op = "Identity", .channels = kPasses, .quantization = kMoves, .in_place = true},
    {.op = "Dropout", .channels = kPasses, .quantization = kMoves, .in_place = true},
    {.op = "Flatten", .channels = kFlatten, .quantization = kMoves, .in_place = true},
    {.op = "Reshape", .channels = kReshape, .quantization = kMoves, .in_place = true},
    {.op = "Squeeze", .channels = kAxes, .quantization = kMoves, .in_place = true},
    {.op = "Unsqueeze", .channels = kAxes, .quantization = kMoves, .in_place = true},
    {.op = "Transpose", .channels = kTranspose, .quantization = kMoves},
    {.op = "DepthToSpace", .channels = kBlocks},
    {.op = "SpaceToDepth", .channels = kBlocks},

    // Parts of values.
    {.op = "Concat", .channels = kConcat, .quantization = kMoves},
    {.op = "Split", .channels = kSplit, .quantization = kMoves},
    {.op = "Slice", .channels = kSlice, .quantization = kMoves},
    {.op = "Pad", .channels = kPad, .quantization = kMoves, .configured_by_inputs = true},
    {.op = "Expand"},
    {.op = "Gather"},
    {.op = "GatherElements"},
    {.op = "GatherND"},
    {.op = "ScatterND"},
    {.op = "Tile"},
    {.op = "Resize", .channels = kResize, .configured_by_inputs = true},
    {.op = "Upsample", .configured_by_inputs = true},

    // Quantisation.
    {.op = "QuantizeLinear", .channels = kPerChannel},
    {.op = "DequantizeLinear", .channels = kPerChannel},

    // Numbers out of shapes or of nothing.
    {.op = "Constant"},
    {.op = "ConstantOfShape"},
    {.op = "Range", .has_gradient = false},
    {.op = "Shape", .has_gradient = false},
    {.op = "Size", .has_gradient = false},
};

constexpr OperationTraits kUnknown = {.has_gradient = false, .trainable = false};

}  // namespace

const OperationTraits& TraitsOf(const std::string& op) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const OperationTraits*> rows;
    for (const OperationTraits& row : kRows) rows.emplace(row.op, &row);
    return rows;
  }();
  const auto found = index.find(op);
  return found == index.end() ? kUnknown : *found->second;
}

std::span<const OperationTraits> KnownOperations() { return kRows; }

bool IsUnderstood(const std::string& op) { return FindShapeRule(op) != nullptr; }

std::vector<std::string> UnderstoodOperations() {
  std::vector<std::string> names;
  for (const auto& [op, rule] : ShapeRules()) names.push_back(op);
  return names;
}

std::string WhyNotUnderstood(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return "domain '" + node.domain + "'";
  const RuleEntry* entry = FindShapeRule(node.op);
  if (entry == nullptr) return "operation " + node.op + " is not known";
  if (entry->check == nullptr) return "";
  const auto fits = entry->check(NodeView(node));
  return fits ? "" : fits.error().message;
}

}  // namespace nacre
