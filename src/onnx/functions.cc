#include "onnx/functions.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

namespace nacre::onnx_internal {
namespace {

using Names = std::map<std::string, std::string>;
using Key = std::tuple<std::string, std::string, std::string>;
constexpr int kDeepest = 64;
// What calls may write out, so that functions that call functions do not double a small file for
// ever. The bodies of real exports come to a few thousand nodes.
constexpr int kMostNodes = 100'000;
constexpr size_t kMostBytes = size_t{64} << 20;

Key KeyOf(const std::string& domain, const std::string& name, const std::string& overload) {
  return {proto::Domain(domain), name, overload};
}

class Inliner {
 public:
  explicit Inliner(const proto::ModelProto& model) {
    for (const auto& function : model.functions()) {
      functions_[KeyOf(function.domain(), function.name(), function.overload())] = &function;
    }
  }

  Expected<void> Graph(proto::GraphProto& graph, int depth) {
    google::protobuf::RepeatedPtrField<proto::NodeProto> old;
    old.Swap(graph.mutable_node());
    for (auto& node : old) NACRE_CHECK_OK(Append(std::move(node), depth, *graph.mutable_node()));
    return {};
  }

 private:
  using Nodes = google::protobuf::RepeatedPtrField<proto::NodeProto>;

  Expected<void> Append(proto::NodeProto node, int depth, Nodes& out) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) NACRE_CHECK_OK(Graph(*attribute.mutable_g(), depth));
      for (auto& graph : *attribute.mutable_graphs()) NACRE_CHECK_OK(Graph(graph, depth));
    }
    const auto found = functions_.find(KeyOf(node.domain(), node.op_type(), node.overload()));
    if (found == functions_.end()) {
      *out.Add() = std::move(node);
      return {};
    }
    if (depth >= kDeepest) {
      return Fail(ErrorKind::kModel,
                  "function '" + node.op_type() +
                      "' of the model calls itself; export the model without it");
    }
    return Expand(node, *found->second, depth, out);
  }

  Expected<void> Expand(const proto::NodeProto& call, const proto::FunctionProto& function,
                        int depth, Nodes& out) {
    const std::string prefix = call.op_type() + "_" + std::to_string(++calls_) + "/";
    Names names;
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    }
    for (int i = 0; i < function.output_size(); ++i) {
      names[function.output(i)] = i < call.output_size() ? call.output(i) : "";
    }
    for (auto& [inner, outer] : names) {
      if (outer.empty() && !IsInput(function, inner)) outer = prefix + inner;
    }
    std::map<std::string, const proto::AttributeProto*> arguments;
    for (const auto& attribute : function.attribute_proto())
      arguments[attribute.name()] = &attribute;
    for (const auto& attribute : call.attribute()) arguments[attribute.name()] = &attribute;
    for (const auto& body : function.node()) {
      proto::NodeProto node = body;
      Bind(node, names, prefix, arguments);
      bytes_ += node.ByteSizeLong();
      if (++nodes_ > kMostNodes || bytes_ > kMostBytes) {
        return Fail(ErrorKind::kModel,
                    "the functions of the model come to more than " + std::to_string(kMostNodes) +
                        " nodes or 64 MB when their calls are written out; export the model "
                        "without functions");
      }
      NACRE_CHECK_OK(Append(std::move(node), depth + 1, out));
    }
    return {};
  }

  static bool IsInput(const proto::FunctionProto& function, const std::string& name) {
    for (const auto& input : function.input()) {
      if (input == name) return true;
    }
    return false;
  }

  // Names of the body become names of the caller; references to the function's attributes their
  // values.
  void Bind(proto::NodeProto& node, Names& names, const std::string& prefix,
            const std::map<std::string, const proto::AttributeProto*>& arguments) {
    const auto rename = [&](std::string& name) {
      if (name.empty()) return;
      name = names.try_emplace(name, prefix + name).first->second;
    };
    for (auto& input : *node.mutable_input()) rename(input);
    for (auto& output : *node.mutable_output()) rename(output);
    if (!node.name().empty()) node.set_name(prefix + node.name());
    proto::NodeProto bound;
    for (auto& attribute : *node.mutable_attribute()) {
      if (!attribute.ref_attr_name().empty()) {
        const auto found = arguments.find(attribute.ref_attr_name());
        if (found == arguments.end()) continue;
        const std::string name = attribute.name();
        attribute = *found->second;
        attribute.set_name(name);
      }
      if (attribute.has_g()) BindGraph(*attribute.mutable_g(), names, prefix, arguments);
      *bound.add_attribute() = std::move(attribute);
    }
    node.mutable_attribute()->Swap(bound.mutable_attribute());
  }

  void BindGraph(proto::GraphProto& graph, Names& names, const std::string& prefix,
                 const std::map<std::string, const proto::AttributeProto*>& arguments) {
    const auto rename = [&](std::string* name) {
      *name = names.try_emplace(*name, prefix + *name).first->second;
    };
    for (auto& input : *graph.mutable_input()) rename(input.mutable_name());
    for (auto& tensor : *graph.mutable_initializer()) rename(tensor.mutable_name());
    for (auto& node : *graph.mutable_node()) Bind(node, names, prefix, arguments);
    for (auto& output : *graph.mutable_output()) rename(output.mutable_name());
    graph.clear_value_info();
  }

  std::map<Key, const proto::FunctionProto*> functions_;
  int calls_ = 0, nodes_ = 0;  // written out so far
  size_t bytes_ = 0;
};

int64_t DefaultOpset(
    const google::protobuf::RepeatedPtrField<nacre_onnx::OperatorSetIdProto>& imports,
    int64_t otherwise) {
  for (const auto& import : imports) {
    if (proto::Domain(import.domain()).empty()) return import.version();
  }
  return otherwise;
}

}  // namespace

Expected<void> InlineFunctions(proto::ModelProto& model) {
  if (model.functions_size() == 0) return {};
  const int64_t opset = DefaultOpset(model.opset_import(), 0);
  std::set<std::pair<std::string, int64_t>> imports;
  for (const auto& import : model.opset_import())
    imports.insert({import.domain(), import.version()});
  for (const auto& function : model.functions()) {
    if (DefaultOpset(function.opset_import(), opset) != opset) {
      return Fail(ErrorKind::kModel, "function '" + function.name() +
                                         "' is written against another opset than the "
                                         "model; convert the model with onnx.inliner");
    }
    for (const auto& import : function.opset_import()) {
      if (imports.insert({import.domain(), import.version()}).second)
        *model.add_opset_import() = import;
    }
  }
  Inliner inliner(model);
  return inliner.Graph(*model.mutable_graph(), 0);
}

}  // namespace nacre::onnx_internal
