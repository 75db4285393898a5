// Operations of ONNX Runtime's own domain, com.microsoft, which its optimizer writes (docs/
// ContribOperators.md there): what it fused is taken apart again.
#include "onnx/raise.h"

namespace nacre::onnx_internal {
namespace {

// Operation of the attribute "activation", with its "activation_params".
std::string SetActivation(Raising& raising, const Node& fused, Node& activation) {
  activation.op = fused.String("activation", "Relu");
  const std::vector<float> parameters = fused.Floats("activation_params");
  const auto take = [&](std::initializer_list<const char*> keys) {
    if (parameters.size() != keys.size()) return false;
    size_t i = 0;
    for (const char* key : keys) activation.attributes[key] = parameters[i++];
    return true;
  };
  const std::string& op = activation.op;
  if (op == "Relu" || op == "Tanh" || op == "Sigmoid") return "";
  if (op == "LeakyRelu" && take({"alpha"})) return "";
  if (op == "HardSigmoid" && take({"alpha", "beta"})) return "";
  if (op == "Clip" && parameters.size() == 2) {
    const std::string& y = fused.outputs[0];
    activation.inputs.push_back(raising.AddConstant(y + "_min", Tensor::Scalar(parameters[0])));
    activation.inputs.push_back(raising.AddConstant(y + "_max", Tensor::Scalar(parameters[1])));
    return "";
  }
  return fused.op + " with the activation '" + op + "'";
}

void EraseActivation(Node& node) {
  node.attributes.erase("activation");
  node.attributes.erase("activation_params");
  node.domain.clear();
}

// A convolution, an addition where input 3 is given, and an activation.
std::string RaiseFusedConv(Raising& raising, std::vector<Node>& nodes) {
  Node conv = nodes.front();
  const std::string y = conv.outputs[0];
  Node activation{.name = conv.name + "_activation"};
  if (std::string reason = SetActivation(raising, conv, activation); !reason.empty()) return reason;
  const std::string sum = IsGiven(conv, 3) ? conv.inputs[3] : "";
  EraseActivation(conv);
  conv.op = "Conv";
  if (conv.inputs.size() > 3) conv.inputs.resize(3);
  while (conv.inputs.back().empty()) conv.inputs.pop_back();
  conv.outputs = {raising.Fresh(y + "_conv")};
  std::string value = conv.outputs[0];
  nodes = {conv};
  if (!sum.empty()) {
    const std::string both = raising.Fresh(y + "_sum");
    nodes.push_back(
        {.name = conv.name + "_sum", .op = "Add", .inputs = {value, sum}, .outputs = {both}});
    value = both;
  }
  activation.inputs.insert(activation.inputs.begin(), value);
  activation.outputs = {y};
  nodes.push_back(activation);
  return "";
}

std::string RaiseFusedGemm(Raising& raising, std::vector<Node>& nodes) {
  Node gemm = nodes.front();
  Node activation{.name = gemm.name + "_activation", .outputs = gemm.outputs};
  if (gemm.attributes.contains("activation_alpha")) return "FusedGemm with parameters";
  if (std::string reason = SetActivation(raising, gemm, activation); !reason.empty()) return reason;
  EraseActivation(gemm);
  gemm.op = "Gemm";
  gemm.outputs = {raising.Fresh(gemm.outputs[0] + "_gemm")};
  activation.inputs.insert(activation.inputs.begin(), gemm.outputs[0]);
  nodes = {gemm, activation};
  return "";
}

std::string RaiseGelu(Raising&, std::vector<Node>& nodes) {
  nodes.front().domain.clear();
  return "";
}

// x times the sigmoid of alpha x.
std::string RaiseQuickGelu(Raising& raising, std::vector<Node>& nodes) {
  const Node node = nodes.front();
  const std::string &x = node.inputs[0], &y = node.outputs[0];
  const std::string scaled = raising.Fresh(y + "_scaled"), gate = raising.Fresh(y + "_gate");
  const std::string alpha =
      raising.AddConstant(y + "_alpha", Tensor::Scalar(node.Float("alpha", 1.702f)));
  nodes = {{.op = "Mul", .inputs = {x, alpha}, .outputs = {scaled}},
           {.op = "Sigmoid", .inputs = {scaled}, .outputs = {gate}},
           {.name = node.name, .op = "Mul", .inputs = {x, gate}, .outputs = {y}}};
  return "";
}

}  // namespace

std::map<std::string, RaiseRule> MicrosoftRules() {
  return {{"FusedConv", RaiseFusedConv},
          {"FusedGemm", RaiseFusedGemm},
          {"Gelu", RaiseGelu},
          {"QuickGelu", RaiseQuickGelu}};
}

}  // namespace nacre::onnx_internal
