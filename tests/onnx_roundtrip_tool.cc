// onnx_roundtrip_tool A.onnx B.onnx: reads A, writes B, and prints what it made of A, one JSON
// object on one line: opset, operations with their counts, frozen nodes with their reasons, shapes
// of the outputs. With --core A.onnx B.onnx ...: B is the core of A, embedded again, and the line
// says what the core is. With more pairs, one line a pair. Exit code 0 also when a model is
// refused: its line then holds "error".
#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "graph/core.h"
#include "graph/operations.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"

namespace nacre {
namespace {

nlohmann::json Describe(const Network& network) {
  std::map<std::string, int> operations;
  nlohmann::json frozen = nlohmann::json::array(), shapes = nlohmann::json::object();
  for (const Node& node : network.nodes) {
    ++operations[node.op];
    if (node.opaque()) frozen.push_back(node.frozen_reason);
  }
  const auto inferred = InferShapes(network, kDynamic);
  if (!inferred) return {{"error", inferred.error().message}};
  for (const Value& output : network.outputs) {
    const auto found = inferred->find(output.name);
    if (found == inferred->end()) continue;
    shapes[output.name] = {{"shape", found->second.shape},
                           {"type", static_cast<int>(found->second.type)}};
  }
  return {
      {"opset", network.opset}, {"operations", operations}, {"frozen", frozen}, {"shapes", shapes}};
}

nlohmann::json RoundTrip(const char* from, const char* to) {
  const auto network = ReadOnnx(from);
  if (!network)
    return {{"error", network.error().message}, {"kind", static_cast<int>(network.error().kind)}};
  if (const auto written = WriteOnnx(*network, to); !written)
    return {{"error", written.error().message}};
  return Describe(*network);
}

nlohmann::json ErrorJson(const Error& error) {
  return {{"error", error.message}, {"kind", static_cast<int>(error.kind)}};
}

nlohmann::json CoreTrip(const char* from, const char* to) {
  const auto network = ReadOnnx(from);
  if (!network) return ErrorJson(network.error());
  const auto core = FindCore(*network);
  if (!core) return ErrorJson(core.error());
  if (const auto written = WriteOnnx(Embed(*core, core->network), to); !written)
    return ErrorJson(written.error());
  nlohmann::json line = Describe(core->network);
  line["classes"] = core->classes;
  line["whole"] = core->whole;
  line["notes"] = core->notes;
  line["channels_last"] = core->input.channels_last;
  line["image"] = core->network.inputs[0].shape;
  return line;
}

}  // namespace
}  // namespace nacre

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--operations") == 0) {
    for (const std::string& op : nacre::UnderstoodOperations()) std::printf("%s\n", op.c_str());
    return 0;
  }
  if (count < 3) {
    std::fprintf(stderr,
                 "usage: onnx_roundtrip_tool [--core] FROM TO [FROM TO...] | --operations\n");
    return 2;
  }
  const bool core = std::strcmp(arguments[1], "--core") == 0;
  const auto trip = core ? nacre::CoreTrip : nacre::RoundTrip;
  for (int i = core ? 2 : 1; i + 1 < count; i += 2) {
    std::printf("%s\n", trip(arguments[i], arguments[i + 1]).dump().c_str());
    std::fflush(stdout);
  }
  return 0;
}
