// operators_table FILE: writes the table of operations into docs/operators.md, between its two
// marks. With --check it compares instead, and fails where they differ. With --without-node-case it
// prints the operations that ONNX's node cases cannot show, a name and a reason on each line.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "graph/operations.h"

namespace nacre {
namespace {

constexpr char kBegin[] = "<!-- table: written by operators_table -->\n";
constexpr char kEnd[] = "<!-- end of table -->\n";

const std::map<std::string, std::string>& WithoutNodeCase() {
  static const std::map<std::string, std::string> reasons = {
      {"GlobalLpPool", "ONNX has no node case"},
      {"MeanVarianceNormalization", "the checker of onnx 1.22 refuses its case"},
      {"Upsample", "left the standard with opset 10"},
      {"Xor", "has cases of two inputs of flags alone"}};
  return reasons;
}

const std::map<std::string, std::string>& Remarks() {
  static const std::map<std::string, std::string> remarks = {
      {"ArgMax", "runs, nothing flows through it"},
      {"ArgMin", "runs, nothing flows through it"},
      {"AveragePool", "any rank, pads, `ceil_mode` as in ONNX Runtime; without dilations"},
      {"BatchNormalization", "inference mode only; folded into the convolution before it"},
      {"Conv", "any rank, groups, strides, dilations, pads and `auto_pad`"},
      {"ConvTranspose",
       "any rank, groups, dilations, `output_padding`, `output_shape`, `auto_pad`"},
      {"DepthToSpace", "channels are followed in mode CRD"},
      {"DequantizeLinear", "runs in float; 8 bits, not in blocks"},
      {"Dropout", "inference mode"},
      {"Einsum", "without ellipsis; its multiply-accumulates are not counted"},
      {"Gelu", "written as Erf or Tanh before opset 20"},
      {"Gemm", "INT8 without `transA`, with `alpha` and `beta` of 1"},
      {"LpPool", "without dilations and `ceil_mode`"},
      {"MatMul", "any rank; INT8 where the second input is a constant matrix"},
      {"MaxPool", "any rank, dilations, pads, `ceil_mode` as in ONNX Runtime; not in column order"},
      {"MeanVarianceNormalization", "mixes the items of a batch unless its axes say otherwise"},
      {"Mish", "written as Softplus, Tanh and Mul before opset 18"},
      {"Pad", "constant, reflect, edge; 8 bits pass where it pads by zeros"},
      {"QuantizeLinear", "runs in float, the gradient passes straight; 8 bits, not in blocks"},
      {"ReduceL1", "written as Abs and ReduceSum before opset 18"},
      {"ReduceLogSum", "written as ReduceSum and Log before opset 18"},
      {"ReduceLogSumExp", "written by its definition before opset 18"},
      {"Resize", "not by aspect ratio, of a crop, or with antialiasing"},
      {"ScatterND", "without reduction, or adding"},
      {"Softmax", "any axis"},
      {"TopK", "the values have a gradient"},
      {"Upsample", "read as Resize"}};
  return remarks;
}

std::string Channels(ChannelCoupling coupling) {
  switch (coupling) {
    case ChannelCoupling::kMixes:
      return "-";
    case ChannelCoupling::kConvolution:
    case ChannelCoupling::kLinear:
      return "begin and end";
    case ChannelCoupling::kOverAxis:
    case ChannelCoupling::kAxes:
    case ChannelCoupling::kTranspose:
    case ChannelCoupling::kReshape:
    case ChannelCoupling::kFlatten:
      return "from axis 1";
    default:
      return "yes";
  }
}

std::string Int8(Quantization quantization) {
  switch (quantization) {
    case Quantization::kWeighted:
      return "weights";
    case Quantization::kSum:
      return "sum";
    case Quantization::kAverages:
      return "input";
    case Quantization::kFused:
      return "behind";
    case Quantization::kMoves:
      return "passes";
    default:
      return "-";
  }
}

std::string Row(const OperationTraits& traits) {
  const std::string op = traits.op;
  const std::string trained = traits.trainable ? (traits.has_gradient ? "yes" : "runs") : "-";
  const auto remark = Remarks().find(op);
  return "| " + op + " | " + (IsUnderstood(op) ? "yes" : "-") + " | " + trained + " | " +
         Channels(traits.channels) + " | " + Int8(traits.quantization) + " | " +
         (WithoutNodeCase().contains(op) ? "-" : "yes") + " | " +
         (remark == Remarks().end() ? "" : remark->second) + " |\n";
}

std::string Table() {
  std::map<std::string, std::string> rows;
  for (const OperationTraits& traits : KnownOperations()) rows[traits.op] = Row(traits);
  std::string table =
      "| operation | read | trained | channels | INT8 | node cases | remarks |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& [op, row] : rows) table += row;
  return table;
}

// The page with the table between its marks; empty when it has no marks.
std::string WithTable(const std::string& page) {
  const size_t begin = page.find(kBegin), end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return "";
  return page.substr(0, begin) + kBegin + "\n" + Table() + "\n" + page.substr(end);
}

int Run(const std::string& path, bool check) {
  std::ostringstream page;
  page << std::ifstream(path).rdbuf();
  const std::string wanted = WithTable(page.str());
  if (wanted.empty()) {
    std::fprintf(stderr, "%s has no marks of a table\n", path.c_str());
    return 1;
  }
  if (wanted == page.str()) return 0;
  if (check) {
    std::fprintf(stderr, "%s differs from the table of operations; run operators_table on it\n",
                 path.c_str());
    return 1;
  }
  std::ofstream(path) << wanted;
  return 0;
}

}  // namespace
}  // namespace nacre

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--without-node-case") == 0) {
    for (const auto& [op, reason] : nacre::WithoutNodeCase()) {
      std::printf("%s\t%s\n", op.c_str(), reason.c_str());
    }
    return 0;
  }
  const bool check = count == 3 && std::strcmp(arguments[1], "--check") == 0;
  if (count != 2 && !check) {
    std::fprintf(stderr, "usage: operators_table [--check] FILE | --without-node-case\n");
    return 2;
  }
  return nacre::Run(arguments[count - 1], check);
}
