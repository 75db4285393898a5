// For the tests of this folder: models written by hand.
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"
#include "onnx/onnx.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

class TestModel {
 public:
  explicit TestModel(int64_t opset) {
    model.set_ir_version(8);
    auto* import = model.add_opset_import();
    import->set_version(opset);
    model.mutable_graph()->set_name("test");
  }

  static void SetValue(proto::ValueInfoProto* info, const std::string& name, const Shape& shape,
                       int type = 1) {
    info->set_name(name);
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (int64_t size : shape) {
      auto* dimension = tensor->mutable_shape()->add_dim();
      if (size >= 0) dimension->set_dim_value(size);
    }
  }
  TestModel& Input(const std::string& name, const Shape& shape, int type = 1) {
    SetValue(model.mutable_graph()->add_input(), name, shape, type);
    return *this;
  }
  TestModel& Output(const std::string& name, const Shape& shape, int type = 1) {
    SetValue(model.mutable_graph()->add_output(), name, shape, type);
    return *this;
  }
  proto::NodeProto& Add(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs) {
    auto* node = model.mutable_graph()->add_node();
    node->set_op_type(op);
    for (const auto& input : inputs) node->add_input(input);
    for (const auto& output : outputs) node->add_output(output);
    return *node;
  }
  static void Set(proto::NodeProto& node, const std::string& key, int64_t value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(key);
    attribute->set_type(proto::AttributeProto::INT);
    attribute->set_i(value);
  }
  static void Set(proto::NodeProto& node, const std::string& key, float value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(key);
    attribute->set_type(proto::AttributeProto::FLOAT);
    attribute->set_f(value);
  }
  static void Set(proto::NodeProto& node, const std::string& key, const std::string& value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(key);
    attribute->set_type(proto::AttributeProto::STRING);
    attribute->set_s(value);
  }
  static void Set(proto::NodeProto& node, const std::string& key,
                  const std::vector<int64_t>& values) {
    auto* attribute = node.add_attribute();
    attribute->set_name(key);
    attribute->set_type(proto::AttributeProto::INTS);
    for (int64_t value : values) attribute->add_ints(value);
  }
  TestModel& Ints(const std::string& name, const std::vector<int64_t>& values) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(proto::TensorProto::INT64);
    tensor->add_dims(static_cast<int64_t>(values.size()));
    for (int64_t value : values) tensor->add_int64_data(value);
    return *this;
  }
  TestModel& Floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(proto::TensorProto::FLOAT);
    for (int64_t size : shape) tensor->add_dims(size);
    for (float value : values) tensor->add_float_data(value);
    return *this;
  }
  std::string Bytes() const { return model.SerializeAsString(); }
  Expected<Network> Read() const { return ParseOnnx(Bytes()); }

  proto::ModelProto model;
};

// x [?,4,8] -> one node -> y.
inline TestModel OneNode(int64_t opset, const std::string& op,
                         const std::vector<std::string>& more_inputs = {}) {
  TestModel test(opset);
  test.Input("x", {kDynamic, 4, 8}).Output("y", {kDynamic, 4, 8});
  std::vector<std::string> inputs = {"x"};
  inputs.insert(inputs.end(), more_inputs.begin(), more_inputs.end());
  test.Add(op, inputs, {"y"});
  return test;
}

inline proto::NodeProto& FirstNode(TestModel& test) {
  return *test.model.mutable_graph()->mutable_node(0);
}

// What a network is written as.
inline proto::ModelProto Written(const Network& network) {
  proto::ModelProto model;
  model.ParseFromString(SerializeOnnx(network));
  return model;
}

inline std::vector<std::string> Operations(const Network& network) {
  std::vector<std::string> operations;
  for (const Node& node : network.nodes) operations.push_back(node.op);
  return operations;
}

inline std::vector<std::string> Operations(const proto::ModelProto& model) {
  std::vector<std::string> operations;
  for (const auto& node : model.graph().node()) operations.push_back(node.op_type());
  return operations;
}

}  // namespace nacre::onnx_internal
