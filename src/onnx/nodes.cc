#include "onnx/nodes.h"

#include <set>
#include <stdexcept>
#include <type_traits>

#include "onnx/subgraph.h"
#include "onnx/tensor_codec.h"

namespace nacre::onnx_internal {
namespace {

using proto::AttributeProto;

// Files of the first years do not say the type.
AttributeProto::AttributeType TypeOf(const AttributeProto& attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return AttributeProto::FLOAT;
  if (attribute.has_i()) return AttributeProto::INT;
  if (attribute.has_s()) return AttributeProto::STRING;
  if (attribute.has_t()) return AttributeProto::TENSOR;
  if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
  if (attribute.ints_size() > 0) return AttributeProto::INTS;
  if (attribute.strings_size() > 0) return AttributeProto::STRINGS;
  return AttributeProto::UNDEFINED;
}

Expected<Attribute> DecodeAttribute(const AttributeProto& attribute, ExternalData& files) {
  switch (TypeOf(attribute)) {
    case AttributeProto::FLOAT:
      return Attribute(attribute.f());
    case AttributeProto::INT:
      return Attribute(int64_t{attribute.i()});
    case AttributeProto::STRING:
      return Attribute(std::string(attribute.s()));
    case AttributeProto::TENSOR: {
      if (!IsHeld(attribute.t().data_type())) {
        return Fail(ErrorKind::kModel, "attribute '" + attribute.name() +
                                           "' is a tensor of a type that nacre does not hold");
      }
      NACRE_TRY(Tensor tensor, DecodeTensor(attribute.t(), files));
      return Attribute(std::move(tensor));
    }
    case AttributeProto::FLOATS:
      return Attribute(std::vector<float>(attribute.floats().begin(), attribute.floats().end()));
    case AttributeProto::INTS:
      return Attribute(std::vector<int64_t>(attribute.ints().begin(), attribute.ints().end()));
    case AttributeProto::STRINGS:
      return Attribute(
          std::vector<std::string>(attribute.strings().begin(), attribute.strings().end()));
    default:
      return Fail(ErrorKind::kModel,
                  "attribute '" + attribute.name() + "' holds a graph or another odd thing");
  }
}

void EncodeAttribute(const Attribute& value, AttributeProto& out) {
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, int64_t>) {
          out.set_type(AttributeProto::INT);
          out.set_i(held);
        } else if constexpr (std::is_same_v<T, float>) {
          out.set_type(AttributeProto::FLOAT);
          out.set_f(held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          out.set_type(AttributeProto::STRING);
          out.set_s(held);
        } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
          out.set_type(AttributeProto::INTS);
          out.mutable_ints()->Add(held.begin(), held.end());
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          out.set_type(AttributeProto::FLOATS);
          out.mutable_floats()->Add(held.begin(), held.end());
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          out.set_type(AttributeProto::STRINGS);
          for (const std::string& each : held) out.add_strings(each);
        } else {
          out.set_type(AttributeProto::TENSOR);
          *out.mutable_t() = EncodeTensor("", held);
        }
      },
      value);
}

proto::NodeProto EncodeOpaque(const Node& node) {
  proto::NodeProto out;
  if (!out.ParseFromString(node.verbatim)) {
    throw std::logic_error("opaque node '" + node.name + "' holds no NodeProto");
  }
  const std::vector<std::string> captured = CapturedNames(out);
  const size_t given = static_cast<size_t>(out.input_size());
  if (node.inputs.size() != given + captured.size() ||
      node.outputs.size() != static_cast<size_t>(out.output_size())) {
    throw std::logic_error("opaque node '" + node.name + "' lost inputs or outputs");
  }
  std::map<std::string, std::string> renamed;
  for (size_t i = 0; i < captured.size(); ++i) {
    if (captured[i] != node.inputs[given + i]) renamed[captured[i]] = node.inputs[given + i];
  }
  RenameCaptured(out, renamed);
  for (size_t i = 0; i < given; ++i) out.set_input(static_cast<int>(i), node.inputs[i]);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    out.set_output(static_cast<int>(i), node.outputs[i]);
  }
  out.set_name(node.name);
  return out;
}

}  // namespace

Expected<Node> DecodeNode(const proto::NodeProto& node, ExternalData& files) {
  Node result{.name = node.name(),
              .op = node.op_type(),
              .domain = proto::Domain(node.domain()),
              .inputs = {node.input().begin(), node.input().end()},
              .outputs = {node.output().begin(), node.output().end()}};
  for (const auto& attribute : node.attribute()) {
    NACRE_TRY(result.attributes[attribute.name()], DecodeAttribute(attribute, files));
  }
  return result;
}

Expected<Node> FreezeNode(const proto::NodeProto& node, const std::string& reason,
                          const Opsets& opsets, ExternalData& files) {
  Node result{.name = node.name(),
              .op = node.op_type(),
              .domain = proto::Domain(node.domain()),
              .inputs = {node.input().begin(), node.input().end()},
              .outputs = {node.output().begin(), node.output().end()}};
  for (const std::string& name : CapturedNames(node)) result.inputs.push_back(name);
  std::set<std::string> domains;
  VisitNodes(node,
             [&](const proto::NodeProto& each) { domains.insert(proto::Domain(each.domain())); });
  domains.erase("");
  std::vector<std::string> imports;
  for (const std::string& domain : domains) {
    const auto found = opsets.find(domain);
    imports.push_back(domain + "=" + std::to_string(found == opsets.end() ? 1 : found->second));
  }
  if (!imports.empty()) result.attributes[kOpsetImport] = imports;
  const auto version = opsets.find(result.domain);
  const std::string where = result.domain.empty() ? "" : result.domain + " ";
  result.frozen_reason = result.op + " (" + where + "opset " +
                         std::to_string(version == opsets.end() ? 1 : version->second) +
                         "): " + reason;
  proto::NodeProto whole = node;
  NACRE_CHECK_OK(files.Inline(whole));
  result.verbatim = whole.SerializeAsString();
  return result;
}

proto::NodeProto EncodeNode(const Node& node) {
  if (node.opaque()) return EncodeOpaque(node);
  proto::NodeProto out;
  out.set_name(node.name);
  out.set_op_type(node.op);
  if (!node.domain.empty()) out.set_domain(node.domain);
  for (const std::string& input : node.inputs) out.add_input(input);
  for (const std::string& output : node.outputs) out.add_output(output);
  for (const auto& [key, value] : node.attributes) {
    auto* attribute = out.add_attribute();
    attribute->set_name(key);
    EncodeAttribute(value, *attribute);
  }
  return out;
}

}  // namespace nacre::onnx_internal
