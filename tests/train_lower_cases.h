// One case an operation (or a setting of it): a network of one node.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/network.h"

namespace nacre::train_internal {

inline Tensor RandomTensor(Shape shape, uint64_t seed, double spread = 1) {
  Random random(seed);
  std::vector<float> values(ElementCount(shape));
  for (float& value : values) value = static_cast<float>(spread * random.Normal());
  return Tensor::Floats(std::move(shape), values);
}

inline Tensor Positive(Shape shape, uint64_t seed) {
  std::vector<float> values = RandomTensor(shape, seed).ToFloats();
  for (float& value : values) value = std::abs(value) + 0.5f;
  return Tensor::Floats(std::move(shape), values);
}

struct Case {
  std::string name, op;
  std::map<std::string, Attribute> attributes;
  // Inputs behind the first; an undefined tensor is an input that is not given.
  std::vector<Tensor> constants;
  Shape input = {2, 4, 7, 6};
  bool input_first = true;
  bool positive = false;  // the input is
  // False where ONNX's reference evaluator (1.22) lacks the operation or gets it wrong.
  bool referenced = true;
};

inline Network OneNode(const Case& c) {
  Network network;
  network.name = c.name;
  network.inputs = {{"x", DataType::kFloat, c.input}};
  Node node{.name = "node", .op = c.op};
  node.attributes = c.attributes;
  node.inputs = {"x"};
  for (size_t i = 0; i < c.constants.size(); ++i) {
    const bool given = c.constants[i].type() != DataType::kUndefined;
    const std::string name = "c" + std::to_string(i);
    if (given) network.initializers[name] = c.constants[i];
    node.inputs.push_back(given ? name : "");
  }
  if (!c.input_first) std::swap(node.inputs[0], node.inputs[1]);
  node.outputs = {"y"};
  network.nodes = {node};
  network.outputs = {{"y", DataType::kFloat, {}}};
  return network;
}

using Longs = std::vector<int64_t>;

inline std::vector<Case> ConvolutionCases() {
  const Tensor w = RandomTensor({6, 4, 3, 3}, 1), b = RandomTensor({6}, 2);
  const Tensor square = RandomTensor({6, 4, 2, 2}, 7);
  return {
      {"conv", "Conv", {{"kernel_shape", Longs{3, 3}}, {"pads", Longs{1, 1, 1, 1}}}, {w, b}},
      {"conv_stride", "Conv", {{"kernel_shape", Longs{3, 3}}, {"strides", Longs{2, 2}}}, {w}},
      {"conv_dilation",
       "Conv",
       {{"kernel_shape", Longs{3, 3}}, {"dilations", Longs{2, 2}}},
       {w, b}},
      {"conv_asymmetric",
       "Conv",
       {{"kernel_shape", Longs{3, 3}}, {"pads", Longs{0, 1, 2, 0}}},
       {w, b}},
      {"conv_uneven",
       "Conv",
       {{"kernel_shape", Longs{2, 2}}, {"pads", Longs{0, 0, 1, 1}}},
       {square}},
      {"conv_same_upper",
       "Conv",
       {{"kernel_shape", Longs{2, 2}}, {"auto_pad", std::string("SAME_UPPER")}},
       {square}},
      {"conv_same_lower",
       "Conv",
       {{"kernel_shape", Longs{2, 2}}, {"auto_pad", std::string("SAME_LOWER")}},
       {square}},
      {"conv_groups",
       "Conv",
       {{"kernel_shape", Longs{3, 3}}, {"group", int64_t{2}}},
       {RandomTensor({6, 2, 3, 3}, 5)}},
      {"conv_depthwise",
       "Conv",
       {{"kernel_shape", Longs{3, 3}}, {"group", int64_t{4}}},
       {RandomTensor({4, 1, 3, 3}, 6)}},
      {"conv_pointwise",
       "Conv",
       {{"kernel_shape", Longs{1, 1}}},
       {RandomTensor({6, 4, 1, 1}, 15), b}},
      {"conv_pointwise_stride",
       "Conv",
       {{"kernel_shape", Longs{1, 1}}, {"strides", Longs{2, 3}}},
       {RandomTensor({6, 4, 1, 1}, 16)}},
      {"conv_pointwise_padded",
       "Conv",
       {{"kernel_shape", Longs{1, 1}}, {"pads", Longs{1, 1, 1, 1}}},
       {RandomTensor({6, 4, 1, 1}, 17), b}},
  };
}

inline std::vector<Case> TransposedCases() {
  const Tensor w = RandomTensor({4, 3, 3, 3}, 41), b = RandomTensor({3}, 42);
  const auto of = [&](const char* name, std::map<std::string, Attribute> attributes) {
    return Case{name, "ConvTranspose", std::move(attributes), {w, b}};
  };
  return {
      of("transposed", {}),
      of("transposed_stride", {{"strides", Longs{2, 2}}, {"pads", Longs{1, 1, 1, 1}}}),
      of("transposed_uneven", {{"strides", Longs{2, 3}}, {"pads", Longs{0, 1, 1, 0}}}),
      of("transposed_more",
         {{"strides", Longs{2, 2}}, {"pads", Longs{1, 1, 1, 1}}, {"output_padding", Longs{1, 1}}}),
      of("transposed_dilated", {{"dilations", Longs{2, 2}}}),

      {"transposed_shape",
       "ConvTranspose",
       {{"strides", Longs{2, 2}}, {"output_shape", Longs{14, 13}}},
       {w, b},
       {2, 4, 7, 6},
       true,
       false,
       false},
      {"transposed_groups",
       "ConvTranspose",
       {{"group", int64_t{2}}, {"strides", Longs{2, 2}}},
       {RandomTensor({4, 3, 2, 2}, 43)},
       {2, 4, 7, 6},
       true,
       false,
       false},
      {"transposed_line",
       "ConvTranspose",
       {{"strides", Longs{2}}},
       {RandomTensor({4, 3, 3}, 44)},
       {2, 4, 7}},
  };
}

inline std::vector<Case> LinearCases() {
  const Tensor gemm = RandomTensor({5, 6}, 3), row = RandomTensor({5}, 4);
  return {
      {"batch_norm",
       "BatchNormalization",
       {{"epsilon", 1e-3f}},
       {RandomTensor({4}, 8), RandomTensor({4}, 9), RandomTensor({4}, 10), Positive({4}, 11)}},
      {"gemm", "Gemm", {{"transB", int64_t{1}}}, {gemm, row}, {3, 6}},
      {"gemm_scaled",
       "Gemm",
       {{"alpha", 0.5f}, {"beta", 2.0f}},
       {RandomTensor({6, 5}, 12), row},
       {3, 6}},
      {"gemm_no_bias",
       "Gemm",
       {{"transA", int64_t{1}}, {"alpha", 3.0f}},
       {RandomTensor({3, 5}, 13)},
       {3, 6}},
      {"matmul", "MatMul", {}, {RandomTensor({6, 5}, 14)}, {3, 6}},
  };
}

inline std::vector<Case> PoolingCases() {
  return {
      {"max_pool",
       "MaxPool",
       {{"kernel_shape", Longs{3, 3}}, {"strides", Longs{2, 2}}, {"pads", Longs{1, 1, 1, 1}}},
       {}},
      {"max_pool_asymmetric",
       "MaxPool",
       {{"kernel_shape", Longs{2, 2}}, {"strides", Longs{2, 2}}, {"pads", Longs{0, 0, 1, 1}}},
       {}},
      {"max_pool_ceil",
       "MaxPool",
       {{"kernel_shape", Longs{2, 2}}, {"strides", Longs{2, 2}}, {"ceil_mode", int64_t{1}}},
       {}},
      {"average_pool",
       "AveragePool",
       {{"kernel_shape", Longs{3, 3}}, {"pads", Longs{1, 1, 1, 1}}},
       {}},
      {"average_pool_include",
       "AveragePool",
       {{"kernel_shape", Longs{3, 3}},
        {"pads", Longs{1, 1, 1, 1}},
        {"count_include_pad", int64_t{1}}},
       {}},
      {"average_pool_asymmetric",
       "AveragePool",
       {{"kernel_shape", Longs{3, 3}}, {"pads", Longs{0, 1, 1, 0}}},
       {}},
      {"max_pool_line",
       "MaxPool",
       {{"kernel_shape", Longs{3}}, {"strides", Longs{2}}},
       {},
       {2, 4, 9}},
      {"max_pool_dilated",
       "MaxPool",
       {{"kernel_shape", Longs{2, 2}}, {"dilations", Longs{2, 2}}},
       {}},
      {"average_pool_line", "AveragePool", {{"kernel_shape", Longs{3}}}, {}, {2, 4, 9}},
      {"lp_pool", "LpPool", {{"kernel_shape", Longs{2, 3}}, {"strides", Longs{2, 2}}}, {}},
      {"lp_pool_cube", "LpPool", {{"kernel_shape", Longs{2, 2}}, {"p", int64_t{3}}}, {}},
      {"global_lp", "GlobalLpPool", {}, {}, {2, 4, 7, 6}, true, false, false},
      {"global_average", "GlobalAveragePool", {}, {}},
      {"global_max", "GlobalMaxPool", {}, {}},
  };
}

// ONNX's reference evaluator counts the channels of LRN by the batch, so that both are the same
// here; it takes the L1 norm of signed numbers, so that they are positive here.
inline std::vector<Case> NormCases() {
  const Tensor scale = RandomTensor({4}, 51), bias = RandomTensor({4}, 52);
  return {
      {"instance_norm", "InstanceNormalization", {{"epsilon", 1e-3f}}, {scale, bias}},
      {"layer_norm", "LayerNormalization", {}, {RandomTensor({6}, 53), RandomTensor({6}, 54)}},
      {"layer_norm_axis",
       "LayerNormalization",
       {{"axis", int64_t{1}}, {"epsilon", 1e-2f}},
       {RandomTensor({4, 7, 6}, 55)}},
      {"lrn", "LRN", {{"size", int64_t{3}}, {"alpha", 0.2f}, {"bias", 2.0f}}, {}, {4, 4, 7, 6}},
      {"lrn_even", "LRN", {{"size", int64_t{2}}, {"alpha", 0.2f}}, {}, {4, 4, 7, 6}},
      {"mean_variance", "MeanVarianceNormalization", {}, {}},
      {"lp_norm", "LpNormalization", {{"axis", int64_t{1}}}, {}},
      {"lp_norm_1", "LpNormalization", {{"p", int64_t{1}}}, {}, {2, 4, 7, 6}, true, true},
  };
}

inline std::vector<Case> ReduceCases() {
  std::vector<Case> cases = {
      {"reduce_sum", "ReduceSum", {}, {Tensor::Ints({2}, {2, 3})}},
      {"reduce_sum_all", "ReduceSum", {{"keepdims", int64_t{0}}}, {}},
      {"reduce_log_sum", "ReduceLogSum", {{"axes", Longs{1}}}, {}, {2, 4, 7, 6}},
      {"arg_max", "ArgMax", {{"axis", int64_t{1}}}, {}},
      {"arg_min", "ArgMin", {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}}, {}},
      {"top_k", "TopK", {{"axis", int64_t{1}}}, {Tensor::Ints({1}, {2})}},
  };
  for (const char* op : {"ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
                         "ReduceSumSquare", "ReduceLogSumExp"}) {
    cases.push_back({op, op, {{"axes", Longs{1, -1}}, {"keepdims", int64_t{0}}}, {}});
  }
  cases[2].positive = true;
  return cases;
}

inline std::vector<Case> ResizeCases() {
  const Tensor none;
  const auto scales = [](std::vector<float> values) { return Tensor::Floats({4}, values); };
  const auto of = [](const std::string& mode, const std::string& coordinates) {
    return std::map<std::string, Attribute>{{"mode", mode},
                                            {"coordinate_transformation_mode", coordinates}};
  };
  std::vector<Case> cases = {
      {"resize_twice",
       "Resize",
       {{"coordinate_transformation_mode", std::string("asymmetric")},
        {"nearest_mode", std::string("floor")}},
       {none, scales({1, 1, 2, 2})}},
      {"resize_sizes",
       "Resize",
       of("linear", "half_pixel"),
       {none, none, Tensor::Ints({4}, {2, 4, 9, 11})}},
      {"resize_line",
       "Resize",
       of("linear", "half_pixel"),
       {none, Tensor::Floats({3}, {1, 1, 2})},
       {2, 4, 7}},
  };
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    for (const char* coordinates :
         {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"}) {
      const std::string name = std::string("resize_") + mode + "_" + coordinates;
      // The reference evaluator divides by a size that is not whole where corners are aligned.
      const bool corners = std::string(coordinates) == "align_corners";
      const Tensor factors = corners ? scales({1, 1, 2, 0.5f}) : scales({1, 1, 1.7f, 0.6f});
      cases.push_back({name, "Resize", of(mode, coordinates), {none, factors}});
    }
  }
  return cases;
}

inline std::vector<Case> ElementwiseCases() {
  const Tensor channel = RandomTensor({4, 1, 1}, 20), one = Tensor::Scalar(2);
  std::vector<Case> cases = {
      {"leaky_relu", "LeakyRelu", {{"alpha", 0.2f}}, {}},
      {"prelu", "PRelu", {}, {channel}},
      {"elu", "Elu", {{"alpha", 0.7f}}, {}},
      {"clip", "Clip", {}, {Tensor::Scalar(0), Tensor::Scalar(0.6f)}},
      {"clip_above", "Clip", {}, {Tensor(), Tensor::Scalar(0.6f)}},
      {"hard_sigmoid", "HardSigmoid", {}, {}},
      {"hard_sigmoid_sixth", "HardSigmoid", {{"alpha", 1.0f / 6}, {"beta", 0.5f}}, {}},
      {"softmax", "Softmax", {{"axis", int64_t{1}}}, {}},
      {"log_softmax", "LogSoftmax", {}, {}},
      {"add", "Add", {}, {channel}},
      {"sub", "Sub", {}, {channel}},
      {"sub_from", "Sub", {}, {channel}, {2, 4, 7, 6}, false},
      {"mul", "Mul", {}, {channel}},
      {"div", "Div", {}, {Positive({4, 1, 1}, 21)}},
      {"pow", "Pow", {}, {one}},
      {"max", "Max", {}, {channel, one}},
      {"min", "Min", {}, {channel}},
      {"sum", "Sum", {}, {channel, one}},
  };
  cases.insert(cases.end(), {
                                {"celu", "Celu", {{"alpha", 0.7f}}, {}},
                                {"selu", "Selu", {}, {}},
                                {"thresholded_relu", "ThresholdedRelu", {{"alpha", 0.3f}}, {}},
                                {"prelu_full", "PRelu", {}, {RandomTensor({4, 7, 6}, 22)}},
                                {"mean", "Mean", {}, {channel, one}},
                                {"mod", "Mod", {{"fmod", int64_t{1}}}, {one}},
                            });
  for (const char* op : {"Relu", "HardSwish", "Sigmoid", "Tanh", "Erf", "Exp", "Neg", "Abs",
                         "Softplus", "Softsign", "Sin", "Cos", "Floor", "Ceil", "Round", "Sign"}) {
    cases.push_back({op, op, {}, {}});
  }
  return cases;
}

inline std::vector<Case> ShapeCases() {
  auto ints = [](const Longs& values) {
    return Tensor::Ints({static_cast<int64_t>(values.size())}, values);
  };
  return {
      {"flatten", "Flatten", {}, {}},
      {"flatten_2", "Flatten", {{"axis", int64_t{2}}}, {}},
      {"reshape", "Reshape", {}, {ints({0, -1, 6})}},
      {"transpose", "Transpose", {{"perm", Longs{0, 2, 3, 1}}}, {}},
      {"squeeze", "Squeeze", {}, {ints({2, -1})}, {2, 4, 1, 1}},
      {"unsqueeze", "Unsqueeze", {}, {ints({1, -1})}},
      {"concat", "Concat", {{"axis", int64_t{1}}}, {RandomTensor({2, 3, 7, 6}, 30)}},
      {"slice", "Slice", {}, {ints({0, 1}), ints({7, 100}), ints({2, 3}), ints({2, 2})}},
      {"slice_negative", "Slice", {}, {ints({-1}), ints({-1000}), ints({2}), ints({-2})}},
      {"slice_from_end", "Slice", {}, {ints({-3}), ints({-1}), ints({3})}},
      {"pad", "Pad", {}, {ints({0, 2, 0, 1, 0, 3, 1, 0}), Tensor::Scalar(0.5f)}},
      {"pad_reflect", "Pad", {{"mode", std::string("reflect")}}, {ints({0, 0, 2, 1, 0, 0, 1, 3})}},
      {"pad_edge", "Pad", {{"mode", std::string("edge")}}, {ints({0, 0, 2, 1, 0, 0, 1, 3})}},
      {"gather", "Gather", {{"axis", int64_t{1}}}, {ints({3, 0, -1})}},
      {"gather_matrix", "Gather", {{"axis", int64_t{1}}}, {Tensor::Ints({2, 2}, {3, 0, 1, 1})}},
      {"gather_scalar", "Gather", {{"axis", int64_t{1}}}, {Tensor::Ints({}, {2})}},
      {"reduce_mean", "ReduceMean", {{"axes", Longs{2, 3}}, {"keepdims", int64_t{0}}}, {}},
      {"reduce_mean_keep", "ReduceMean", {{"axes", Longs{-1}}}, {}},
      {"expand", "Expand", {}, {ints({3, 1, 4, 5})}, {1, 4, 5}},
      {"identity", "Identity", {}, {}},
      {"tile", "Tile", {}, {ints({1, 2, 1, 3})}},
      {"gather_nd", "GatherND", {}, {Tensor::Ints({3, 2}, {0, 1, 1, 3, 0, -1})}},
      {"gather_nd_batch",
       "GatherND",
       {{"batch_dims", int64_t{1}}},
       {Tensor::Ints({2, 2, 2}, {0, 1, 3, 2, 1, 1, 2, 6})}},
      {"gather_elements",
       "GatherElements",
       {{"axis", int64_t{1}}},
       {Tensor::Ints({1, 2, 2}, {0, 1, 3, -1})},
       {1, 4, 2}},
      {"scatter_nd", "ScatterND", {}, {Tensor::Ints({1, 1}, {1}), RandomTensor({1, 4, 7, 6}, 31)}},
      {"depth_to_space", "DepthToSpace", {{"blocksize", int64_t{2}}}, {}, {2, 8, 3, 2}},
      {"depth_to_space_crd",
       "DepthToSpace",
       {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}},
       {},
       {2, 8, 3, 2}},
      {"space_to_depth", "SpaceToDepth", {{"blocksize", int64_t{2}}}, {}, {2, 3, 4, 6}},
      {"einsum",
       "Einsum",
       {{"equation", std::string("nchw,dc->ndhw")}},
       {RandomTensor({5, 4}, 32)}},
  };
}

inline std::vector<Case> AllCases() {
  std::vector<Case> cases;
  for (const auto& some :
       {ConvolutionCases(), TransposedCases(), LinearCases(), PoolingCases(), NormCases(),
        ReduceCases(), ResizeCases(), ElementwiseCases(), ShapeCases()}) {
    cases.insert(cases.end(), some.begin(), some.end());
  }
  return cases;
}

inline Tensor InputOf(const Case& c) {
  return c.positive ? Positive(c.input, 99) : RandomTensor(c.input, 99);
}

}  // namespace nacre::train_internal
