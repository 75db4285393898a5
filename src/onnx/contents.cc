#include "onnx/contents.h"

#include "onnx/file.h"

namespace nacre {

using namespace onnx_internal;

namespace {

std::string FullName(const std::string& domain, const std::string& op) {
  return domain.empty() ? op : domain + "." + op;
}

}  // namespace

Expected<Contents> ContentsOf(const std::filesystem::path& file) {
  NACRE_TRY(const proto::ModelProto model, LoadModel(file));
  Contents contents{.opset = OpsetsOf(model).at("")};
  for (const proto::NodeProto& node : model.graph().node())
    ++contents.operations[FullName(proto::Domain(node.domain()), node.op_type())];
  return contents;
}

OperationCounts CountOperations(const Network& network) {
  OperationCounts counts;
  for (const Node& node : network.nodes) ++counts[FullName(node.domain, node.op)];
  return counts;
}

}  // namespace nacre
