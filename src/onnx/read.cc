#include "onnx/read.h"

#include <algorithm>
#include <utility>

#include "onnx/file.h"
#include "onnx/functions.h"
#include "onnx/nodes.h"
#include "onnx/raise.h"
#include "onnx/subgraph.h"
#include "onnx/tensor_codec.h"

namespace nacre::onnx_internal {
namespace {

Expected<Value> DecodeValue(const proto::ValueInfoProto& info, const std::string& kind) {
  if (info.type().value_case() != proto::TypeProto::kTensorType) {
    return Fail(
        ErrorKind::kModel,
        kind + " '" + info.name() + "' is not a tensor; export a model with tensors at its ends");
  }
  Value value{info.name(), static_cast<DataType>(info.type().tensor_type().elem_type()), {}};
  for (const auto& dimension : info.type().tensor_type().shape().dim()) {
    const bool known = dimension.has_dim_value() && dimension.dim_value() >= 0;
    value.shape.push_back(known ? dimension.dim_value() : kDynamic);
    value.symbols.push_back(known ? "" : dimension.dim_param());
  }
  return value;
}

class Reader {
 public:
  Reader(proto::ModelProto& model, const std::filesystem::path& folder)
      : model_(model), graph_(*model.mutable_graph()), files_(folder), opsets_(OpsetsOf(model)) {
    raising_.opset = static_cast<int>(opsets_.at(""));
  }

  Expected<Network> Run() {
    Network& network = raising_.network;
    network.name = graph_.name().empty() ? "network" : graph_.name();
    network.opset = raising_.opset;
    for (const auto& entry : model_.metadata_props()) network.metadata[entry.key()] = entry.value();
    CollectNames();
    NACRE_CHECK_OK(ReadInitializers());
    NACRE_CHECK_OK(ReadInputs());
    for (auto& node : *graph_.mutable_node()) NACRE_CHECK_OK(ReadNode(node));
    for (const auto& info : graph_.output()) {
      NACRE_TRY(Value output, DecodeValue(info, "output"));
      network.outputs.push_back(std::move(output));
    }
    NACRE_CHECK_OK(Verify(network));
    return std::move(network);
  }

 private:
  void CollectNames() {
    for (const auto& input : graph_.input()) raising_.names.insert(input.name());
    for (const auto& tensor : graph_.initializer()) raising_.names.insert(tensor.name());
    for (const auto& outer : graph_.node()) {
      VisitNodes(outer, [&](const proto::NodeProto& node) {
        raising_.names.insert(node.output().begin(), node.output().end());
        for (const auto& attribute : node.attribute()) {
          for (const auto& input : attribute.g().input()) raising_.names.insert(input.name());
          for (const auto& tensor : attribute.g().initializer())
            raising_.names.insert(tensor.name());
        }
      });
    }
    for (const auto& info : graph_.value_info()) {
      if (!info.type().tensor_type().has_shape()) continue;
      if (auto value = DecodeValue(info, "value")) raising_.declared[info.name()] = *value;
    }
  }

  Expected<void> ReadInitializers() {
    for (auto& tensor : *graph_.mutable_initializer()) {
      if (IsHeld(tensor.data_type())) {
        NACRE_TRY(raising_.network.initializers[tensor.name()], DecodeTensor(tensor, files_));
        proto::TensorProto().Swap(&tensor);  // Clear() would keep the memory
        continue;
      }
      proto::NodeProto constant = ConstantNode(tensor.name());
      constant.mutable_attribute(0)->set_name("value");
      constant.mutable_attribute(0)->set_type(proto::AttributeProto::TENSOR);
      *constant.mutable_attribute(0)->mutable_t() = std::move(tensor);
      NACRE_CHECK_OK(Freeze(constant, "holds a type that nacre does not"));
    }
    for (auto& sparse : *graph_.mutable_sparse_initializer()) {
      proto::NodeProto constant = ConstantNode(sparse.values().name());
      constant.mutable_attribute(0)->set_name("sparse_value");
      constant.mutable_attribute(0)->set_type(proto::AttributeProto::SPARSE_TENSOR);
      *constant.mutable_attribute(0)->mutable_sparse_tensor() = std::move(sparse);
      NACRE_CHECK_OK(Freeze(constant, "holds a sparse tensor"));
    }
    return {};
  }

  static proto::NodeProto ConstantNode(const std::string& output) {
    proto::NodeProto constant;
    constant.set_op_type("Constant");
    constant.add_output(output);
    constant.add_attribute();
    return constant;
  }

  Expected<void> ReadInputs() {
    for (const auto& info : graph_.input()) {
      if (raising_.network.initializers.contains(info.name()) || odd_.contains(info.name()))
        continue;
      NACRE_TRY(Value input, DecodeValue(info, "input"));
      if (!info.type().tensor_type().has_shape()) {
        return Fail(ErrorKind::kModel,
                    "input '" + info.name() + "' has no shape; export the model with shapes");
      }
      if (ElementSize(input.type) == 0) odd_.insert(input.name);
      raising_.declared[input.name] = input;
      raising_.network.inputs.push_back(std::move(input));
    }
    return {};
  }

  Expected<void> ReadNode(proto::NodeProto& node) {
    if (node.output_size() == 0) {
      return Fail(ErrorKind::kModel, node.op_type() + " node '" + node.name() +
                                         "' has no output; export the model again");
    }
    for (const std::string& input : node.input()) {
      if (odd_.contains(input))
        return Freeze(node, "reads '" + input + "', whose type nacre does not hold");
    }
    Expected<Node> decoded = DecodeNode(node, files_);
    if (!decoded) return Freeze(node, decoded.error().message);
    if (decoded->op == "Constant" && decoded->domain.empty()) {
      if (auto tensor = ConstantTensor(*decoded)) {
        raising_.network.initializers[node.output(0)] = std::move(*tensor);
        return {};
      }
      return Freeze(node, "holds a type that nacre does not");
    }
    std::vector<Node> nodes = {std::move(*decoded)};
    if (std::string reason = RaiseNode(raising_, nodes); !reason.empty())
      return Freeze(node, reason);
    for (Node& raised : nodes) Append(std::move(raised));
    return {};
  }

  static std::optional<Tensor> ConstantTensor(const Node& node) {
    if (node.attributes.size() != 1) return std::nullopt;
    const auto& [key, value] = *node.attributes.begin();
    if (const auto* tensor = std::get_if<Tensor>(&value)) return *tensor;
    if (const auto* number = std::get_if<int64_t>(&value)) return Tensor::Ints({}, {*number});
    if (const auto* number = std::get_if<float>(&value)) return Tensor::Scalar(*number);
    if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
      return Tensor::Ints({static_cast<int64_t>(list->size())}, *list);
    }
    if (const auto* list = std::get_if<std::vector<float>>(&value)) {
      return Tensor::Floats({static_cast<int64_t>(list->size())}, *list);
    }
    return std::nullopt;
  }

  Expected<void> Freeze(const proto::NodeProto& node, const std::string& reason) {
    if (reason.find("BatchNormalization in training mode") != std::string::npos) {
      return Fail(ErrorKind::kModel,
                  "the model was exported in training mode, in which batch normalization follows "
                  "each batch; call model.eval() and export it again");
    }
    NACRE_TRY(Node frozen, FreezeNode(node, reason, opsets_, files_));
    for (const std::string& output : node.output()) {
      const auto found = raising_.declared.find(output);
      const bool held = found == raising_.declared.end() || ElementSize(found->second.type) > 0;
      if (!held || node.op_type() == "Constant") odd_.insert(output);
    }
    Append(std::move(frozen));
    return {};
  }

  // Every node has a name, and its own.
  void Append(Node node) {
    std::string stem = node.name.empty() ? node.op + "_" + node.outputs[0] : node.name;
    node.name = stem;
    for (int i = 2; !node_names_.insert(node.name).second; ++i)
      node.name = stem + "_" + std::to_string(i);
    raising_.network.nodes.push_back(std::move(node));
  }

  proto::ModelProto& model_;
  proto::GraphProto& graph_;
  ExternalData files_;
  const Opsets opsets_;
  Raising raising_;
  std::set<std::string> odd_;  // values of types that a Tensor cannot hold
  std::set<std::string> node_names_;
};

}  // namespace

Expected<Network> ReadModel(proto::ModelProto& model, const std::filesystem::path& folder) {
  NACRE_CHECK_OK(InlineFunctions(model));
  return Reader(model, folder).Run();
}

}  // namespace nacre::onnx_internal
