#include "onnx/onnx.h"

#include <exception>

#include "graph/shapes.h"
#include "graph/simplify.h"
#include "graph/sizes.h"
#include "onnx/file.h"
#include "onnx/read.h"

namespace nacre {

using namespace onnx_internal;

namespace {

constexpr int kOldestWritten = 11;  // that ExpressNode has words for

// What the graph says of its outputs where the file says nothing.
void CompleteOutputs(Network& network) {
  const auto inferred = InferShapes(network, kDynamic);
  if (!inferred) return;
  for (Value& output : network.outputs) {
    const auto found = inferred->find(output.name);
    if (found == inferred->end()) continue;
    const Shape declared = output.shape;
    output.shape = found->second.shape;
    output.type = found->second.type;
    if (declared.size() != output.shape.size()) continue;
    for (size_t i = 0; i < declared.size(); ++i) {
      if (output.shape[i] < 0) output.shape[i] = declared[i];
    }
  }
}

Expected<Network> Import(Expected<proto::ModelProto> parsed, const std::string& what,
                         const std::filesystem::path& folder) {
  const auto with_name = [&](const Error& error) {
    return Fail(error.kind, "'" + what + "': " + error.message);
  };
  try {
    if (!parsed) return tl::unexpected<Error>(parsed.error());
    Expected<Network> network = ReadModel(*parsed, folder);
    if (!network) return with_name(network.error());
    parsed->Clear();
    network = FoldConstants(*network);
    if (!network) return with_name(network.error());
    network->opset = SettleOpset(*network);
    if (network->opset < kOldestWritten) {
      return with_name({ErrorKind::kModel,
                        "operations that nacre keeps as they are mean something else since "
                        "opset " +
                            std::to_string(network->opset) +
                            "; convert the model with onnx.version_converter to opset 17"});
    }
    CompleteOutputs(*network);
    if (const auto sizes = CheckSizes(*network); !sizes) return with_name(sizes.error());
    return network;
  } catch (const std::exception& failure) {
    return with_name(
        {ErrorKind::kModel, std::string(failure.what()) + "; check the model with onnx.checker"});
  }
}

}  // namespace

Expected<Network> ReadOnnx(const std::filesystem::path& path) {
  return Import(LoadModel(path), path.string(), path.parent_path());
}

Expected<Network> ParseOnnx(const std::string& bytes, const std::string& what,
                            const std::filesystem::path& folder) {
  return Import(ParseModel(bytes, what), what, folder);
}

}  // namespace nacre
