#include "onnx/subgraph.h"

#include <algorithm>
#include <set>

namespace nacre::onnx_internal {
namespace {

std::set<std::string> Declared(const proto::GraphProto& graph) {
  std::set<std::string> names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& tensor : graph.initializer()) names.insert(tensor.name());
  for (const auto& tensor : graph.sparse_initializer()) names.insert(tensor.values().name());
  for (const auto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
  return names;
}

void CollectReads(const proto::GraphProto& graph, std::vector<std::string>& reads) {
  const std::set<std::string> declared = Declared(graph);
  const auto read = [&](const std::string& name) {
    if (name.empty() || declared.contains(name)) return;
    if (std::find(reads.begin(), reads.end(), name) == reads.end()) reads.push_back(name);
  };
  for (const auto& node : graph.node()) {
    for (const auto& input : node.input()) read(input);
    for (const auto& captured : CapturedNames(node)) read(captured);
  }
  for (const auto& output : graph.output()) read(output.name());
}

void RenameReads(proto::GraphProto& graph, std::map<std::string, std::string> names) {
  for (const std::string& name : Declared(graph)) names.erase(name);
  if (names.empty()) return;
  const auto rename = [&](std::string& name) {
    if (const auto found = names.find(name); found != names.end()) name = found->second;
  };
  for (auto& node : *graph.mutable_node()) {
    for (auto& input : *node.mutable_input()) rename(input);
    RenameCaptured(node, names);
  }
  for (auto& output : *graph.mutable_output()) rename(*output.mutable_name());
}

}  // namespace

std::vector<std::string> CapturedNames(const proto::NodeProto& node) {
  std::vector<std::string> reads;
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) CollectReads(attribute.g(), reads);
    for (const auto& graph : attribute.graphs()) CollectReads(graph, reads);
  }
  return reads;
}

void RenameCaptured(proto::NodeProto& node, const std::map<std::string, std::string>& names) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g()) RenameReads(*attribute.mutable_g(), names);
    for (auto& graph : *attribute.mutable_graphs()) RenameReads(graph, names);
  }
}

void VisitNodes(const proto::NodeProto& node,
                const std::function<void(const proto::NodeProto&)>& visit) {
  visit(node);
  for (const auto& attribute : node.attribute()) {
    for (const auto& inner : attribute.g().node()) VisitNodes(inner, visit);
    for (const auto& graph : attribute.graphs()) {
      for (const auto& inner : graph.node()) VisitNodes(inner, visit);
    }
  }
}

}  // namespace nacre::onnx_internal
