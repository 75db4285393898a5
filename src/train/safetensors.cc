#include "train/safetensors.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace nacre::train_internal {
namespace {

constexpr char kMetadata[] = "__metadata__";
constexpr size_t kLengthBytes = 8;
constexpr size_t kAlignment = 8;  // of the data behind the header

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

tl::unexpected<Error> Damaged(const std::string& why) {
  return Fail(ErrorKind::kData,
              "the training state is damaged (" + why + "): start the training anew");
}

std::string LittleEndian(uint64_t number) {
  std::string bytes(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

uint64_t FromLittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < kLengthBytes; ++i)
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

// The tensor that an entry of the header describes; `data` is what follows the header. Throws when
// the JSON lacks something or a size does not fit its shape.
Expected<Tensor> ReadTensor(const std::string& name, const nlohmann::json& entry,
                            std::string_view data) {
  const DataType type = TypeOf(entry.at("dtype").get<std::string>());
  if (type == DataType::kUndefined)
    return Damaged("the element type of '" + name + "' is not known");
  const size_t begin = entry.at("data_offsets").at(0);
  const size_t end = entry.at("data_offsets").at(1);
  if (begin > end || end > data.size())
    return Damaged("the bytes of '" + name + "' lie outside of the file");
  std::vector<std::byte> bytes(end - begin);
  if (!bytes.empty()) std::memcpy(bytes.data(), data.data() + begin, bytes.size());
  return Tensor(type, entry.at("shape").get<Shape>(), std::move(bytes));
}

Expected<SafeTensors> ReadEntries(const nlohmann::json& header, std::string_view data) {
  SafeTensors contents;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) {
      contents.metadata = entry.get<std::map<std::string, std::string>>();
    } else {
      NACRE_TRY(contents.tensors[name], ReadTensor(name, entry, data));
    }
  }
  return contents;
}

}  // namespace

std::string WriteSafeTensors(const SafeTensors& contents) {
  nlohmann::json header = nlohmann::json::object();
  if (!contents.metadata.empty()) header[kMetadata] = contents.metadata;
  size_t offset = 0;
  for (const auto& [name, tensor] : contents.tensors) {
    const size_t size = tensor.bytes().size();
    header[name] = {{"dtype", TypeName(tensor.type())},
                    {"shape", tensor.shape()},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  std::string bytes = LittleEndian(text.size()) + text;
  bytes.reserve(bytes.size() + offset);
  for (const auto& [name, tensor] : contents.tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
  }
  return bytes;
}

Expected<SafeTensors> ReadSafeTensors(const std::string& bytes) {
  if (bytes.size() < kLengthBytes) return Damaged("it is shorter than its header");
  const std::string_view rest = std::string_view(bytes).substr(kLengthBytes);
  const uint64_t length = FromLittleEndian(bytes);
  if (length > rest.size()) return Damaged("it is shorter than its header");
  try {
    return ReadEntries(nlohmann::json::parse(rest.substr(0, length)), rest.substr(length));
  } catch (const std::exception& error) {  // of the JSON, or of a size that does not fit its shape
    return Damaged(error.what());
  }
}

}  // namespace nacre::train_internal
