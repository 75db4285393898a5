#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string_view>

#include "onnx/express.h"
#include "onnx/file.h"
#include "onnx/nodes.h"
#include "onnx/onnx.h"
#include "onnx/tensor_codec.h"

namespace nacre {

using namespace onnx_internal;

namespace {

// The IR version that came with each opset (ONNX docs/Versioning.md).
int64_t IrVersion(int opset) {
  if (opset <= 11) return 6;
  if (opset <= 14) return 7;
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  return opset <= 23 ? 11 : 12;
}

// A leading dynamic dimension without a name of its own is the batch, "N".
proto::ValueInfoProto EncodeValue(const Value& value, bool batched) {
  proto::ValueInfoProto info;
  info.set_name(value.name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<int>(value.type));
  auto* shape = tensor->mutable_shape();
  for (size_t i = 0; i < value.shape.size(); ++i) {
    auto* dimension = shape->add_dim();
    if (value.shape[i] >= 0) {
      dimension->set_dim_value(value.shape[i]);
    } else if (i < value.symbols.size() && !value.symbols[i].empty()) {
      dimension->set_dim_param(value.symbols[i]);
    } else if (i == 0 && batched) {
      dimension->set_dim_param("N");
    }
  }
  return info;
}

Opsets ImportsOf(const Network& network, int opset) {
  Opsets imports = {{"", opset}};
  for (const Node& node : network.nodes) {
    const auto found = node.attributes.find(kOpsetImport);
    if (!node.opaque() || found == node.attributes.end()) continue;
    for (const std::string& import : std::get<std::vector<std::string>>(found->second)) {
      const size_t at = import.rfind('=');
      imports[import.substr(0, at)] = std::stoll(import.substr(at + 1));
    }
  }
  return imports;
}

void EncodeGraph(const Network& network, int opset, bool with_elements, proto::GraphProto& graph) {
  Expressing expressing{opset, network};
  for (const Node& node : network.nodes) {
    for (const Node& said : ExpressNode(expressing, node)) *graph.add_node() = EncodeNode(said);
  }
  graph.set_name(network.name.empty() ? "network" : network.name);
  const bool batched =
      std::any_of(network.inputs.begin(), network.inputs.end(),
                  [](const Value& input) { return !input.shape.empty() && input.shape[0] < 0; });
  for (const Value& input : network.inputs) *graph.add_input() = EncodeValue(input, batched);
  for (const Value& output : network.outputs) *graph.add_output() = EncodeValue(output, batched);
  for (const auto& [name, tensor] : expressing.network.initializers) {
    *graph.add_initializer() =
        with_elements ? EncodeTensor(name, tensor) : EncodeTensorType(name, tensor);
  }
}

proto::ModelProto EncodeModel(const Network& network, bool with_elements) {
  const bool opaque = std::any_of(network.nodes.begin(), network.nodes.end(),
                                  [](const Node& node) { return node.opaque(); });
  const int opset = opaque ? network.opset : static_cast<int>(kOwnOpset);
  proto::ModelProto model;
  model.set_ir_version(IrVersion(opset));
  model.set_producer_name("nacre");
  for (const auto& [domain, version] : ImportsOf(network, opset)) {
    auto* import = model.add_opset_import();
    import->set_domain(domain);
    import->set_version(version);
  }
  EncodeGraph(network, opset, with_elements, *model.mutable_graph());
  for (const auto& [key, value] : network.metadata) {
    auto* entry = model.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
  return model;
}

// Bytes of a length as protobuf writes it: seven bits a byte.
int64_t LengthBytes(int64_t length) {
  int64_t bytes = 1;
  for (; length >= 128; length /= 128) ++bytes;
  return bytes;
}

// How much longer a message gets when a part of it grows from `before` to `after` bytes.
int64_t Growth(int64_t before, int64_t after) {
  return after - before + LengthBytes(after) - LengthBytes(before);
}

// A name that is there already is removed, not written through: it may be a link to elsewhere.
bool WriteNewFile(const std::filesystem::path& path, std::string_view bytes) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return false;
  bool good = true;
  while (good && !bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (good) bytes.remove_prefix(static_cast<size_t>(count));
  }
  return ::close(file) == 0 && good;
}

}  // namespace

int64_t SerializedSize(const Network& network) {
  const proto::ModelProto model = EncodeModel(network, false);
  int64_t grown = 0;
  for (const proto::TensorProto& tensor : model.graph().initializer()) {
    const auto type = static_cast<DataType>(tensor.data_type());
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    const int64_t elements = ElementCount(shape) * static_cast<int64_t>(ElementSize(type));
    const auto before = static_cast<int64_t>(tensor.ByteSizeLong());
    grown += Growth(before, before + 1 + LengthBytes(elements) + elements);
  }
  const auto graph = static_cast<int64_t>(model.graph().ByteSizeLong());
  return static_cast<int64_t>(model.ByteSizeLong()) + Growth(graph, graph + grown);
}

std::string SerializeOnnx(const Network& network) {
  return EncodeModel(network, true).SerializeAsString();
}

Expected<void> WriteOnnx(const Network& network, const std::filesystem::path& path) {
  const auto failed = [&](const std::string& what) {
    return Fail(ErrorKind::kUsage, "cannot write '" + path.string() + "': " + what);
  };
  try {
    const std::string bytes = SerializeOnnx(network);
    if (bytes.empty()) return failed("the model is larger than the 2 GB that ONNX files can hold");
    std::filesystem::path half = path;
    half += ".part";
    if (!WriteNewFile(half, bytes) || ::rename(half.c_str(), path.c_str()) != 0) {
      ::unlink(half.c_str());
      return failed("check that the folder exists, is writable and has room");
    }
    return {};
  } catch (const std::exception& failure) {
    return Fail(ErrorKind::kModel, "cannot write '" + path.string() + "': " + failure.what());
  }
}

}  // namespace nacre
