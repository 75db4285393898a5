#include "train/safetensors.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace nacre {
namespace {

const char* TypeName(DataType type) {
  switch (type) {
    case DataType::kFloat:
      return "F32";
    case DataType::kInt32:
      return "I32";
    case DataType::kInt64:
      return "I64";
    default:
      throw std::logic_error(std::string("safetensors: cannot write ") + DataTypeName(type));
  }
}

DataType TypeOf(const std::string& name) {
  if (name == "F32") return DataType::kFloat;
  if (name == "I32") return DataType::kInt32;
  if (name == "I64") return DataType::kInt64;
  return DataType::kUndefined;
}

tl::unexpected<Error> Broken(const std::string& why) {
  return Fail(ErrorKind::kData, "training state is broken (" + why + "): start the training anew");
}

}  // namespace

std::string WriteSafeTensors(const SafeTensors& contents) {
  nlohmann::json header = nlohmann::json::object();
  if (!contents.metadata.empty()) header["__metadata__"] = contents.metadata;
  size_t offset = 0;
  for (const auto& [name, tensor] : contents.tensors) {
    const size_t size = tensor.bytes().size();
    header[name] = {{"dtype", TypeName(tensor.type())},
                    {"shape", tensor.shape()},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string bytes(8, '\0');
  const uint64_t length = text.size();
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  bytes += text;
  bytes.reserve(bytes.size() + offset);
  for (const auto& [name, tensor] : contents.tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
  }
  return bytes;
}

Expected<SafeTensors> ReadSafeTensors(const std::string& bytes) {
  if (bytes.size() < 8) return Broken("shorter than its header");
  uint64_t length = 0;
  for (int i = 0; i < 8; ++i)
    length |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  if (length > bytes.size() - 8) return Broken("shorter than its header");
  const size_t data = 8 + length;
  SafeTensors result;
  try {
    const auto header = nlohmann::json::parse(bytes.begin() + 8, bytes.begin() + data);
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        result.metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      const DataType type = TypeOf(entry.at("dtype").get<std::string>());
      const Shape shape = entry.at("shape").get<Shape>();
      const size_t begin = entry.at("data_offsets").at(0), end = entry.at("data_offsets").at(1);
      if (type == DataType::kUndefined)
        return Broken("element type of '" + name + "' is not known");
      if (begin > end || end > bytes.size() - data) return Broken("'" + name + "' lies outside");
      std::vector<std::byte> raw(end - begin);
      if (!raw.empty()) std::memcpy(raw.data(), bytes.data() + data + begin, raw.size());
      result.tensors[name] = Tensor(type, shape, std::move(raw));
    }
  } catch (const std::exception& error) {  // JSON, or a size that does not fit its shape
    return Broken(error.what());
  }
  return result;
}

}  // namespace nacre
