#include "onnx/file.h"

#include <fstream>

namespace nacre::onnx_internal {
namespace {

tl::unexpected<Error> Bad(const std::string& what, const std::string& message) {
  return Fail(ErrorKind::kModel, "'" + what + "' " + message);
}

// ModelProto begins with the IR version: field 1, a small number. No text and no other common
// format does.
bool BeginsLikeOnnx(const std::string& head) {
  return head.size() >= 2 && head[0] == 0x08 && head[1] > 0 && head[1] < 64;
}

Expected<void> Check(const proto::ModelProto& model, const std::string& what) {
  if (!model.has_graph() && model.ir_version() == 0) {
    return Bad(what, "is not an ONNX file; give a model exported to .onnx");
  }
  if (!model.has_graph()) {
    return Bad(
        what, "holds no graph; the file is truncated or was not saved as a model, export it again");
  }
  const Opsets opsets = OpsetsOf(model);
  const auto found = opsets.find("");
  if (found == opsets.end()) {
    return Bad(what,
               "names no opset of the default domain; the file is truncated or incomplete, export "
               "it again");
  }
  if (found->second < kOldestOpset || found->second > kNewestOpset) {
    return Bad(what,
               "uses opset " + std::to_string(found->second) + ", nacre reads " +
                   std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset) +
                   "; export it with opset_version=17 or convert it with onnx.version_converter");
  }
  if (model.graph().node_size() == 0) {
    return Bad(what,
               "has a graph without nodes; there is nothing to optimise, export the trained model");
  }
  return {};
}

}  // namespace

Opsets OpsetsOf(const proto::ModelProto& model) {
  Opsets opsets;
  for (const auto& import : model.opset_import()) {
    opsets[proto::Domain(import.domain())] = import.version();
  }
  return opsets;
}

Expected<proto::ModelProto> ParseModel(const std::string& bytes, const std::string& what) {
  if (bytes.empty()) return Bad(what, "is empty; export the model again");
  proto::ModelProto model;
  if (!model.ParseFromString(bytes)) {
    return BeginsLikeOnnx(bytes) ? Bad(what, "is truncated or damaged; copy or export it again")
                                 : Bad(what, "is not an ONNX file; give a model exported to .onnx");
  }
  NACRE_CHECK_OK(Check(model, what));
  return model;
}

Expected<proto::ModelProto> LoadModel(const std::filesystem::path& path) {
  const std::string what = path.string();
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) {
    return Bad(what, std::filesystem::exists(path, failure)
                         ? "is not a file; give the path of an ONNX model"
                         : "does not exist; check the path");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Bad(what, "cannot be opened; check its permissions");
  std::string head(2, '\0');
  file.read(head.data(), 2);
  if (file.gcount() < 2) return Bad(what, "is empty; export the model again");
  file.seekg(0);
  proto::ModelProto model;
  if (!model.ParseFromIstream(&file)) {
    return BeginsLikeOnnx(head) ? Bad(what, "is truncated or damaged; copy or export it again")
                                : Bad(what, "is not an ONNX file; give a model exported to .onnx");
  }
  NACRE_CHECK_OK(Check(model, what));
  return model;
}

}  // namespace nacre::onnx_internal
