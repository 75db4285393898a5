// train_forward_tool MODEL INPUT OUTPUT...: reads MODEL, lowers it to torch and runs it on the
// bytes of INPUT, in type and shape of the model's one input. Writes the outputs end to end to
// OUTPUT as floats, and prints their shapes, one JSON object on one line. With more triples, one
// line a triple; a model that is refused has "error" in its line.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "onnx/onnx.h"
#include "train/convert.h"
#include "train/module.h"

namespace nacre::train_internal {
namespace {

Tensor ReadInput(const Value& input, const char* path) {
  std::vector<std::byte> bytes(std::filesystem::file_size(path));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return Tensor(input.type, input.shape, std::move(bytes));
}

nlohmann::json Run(const char* model, const char* input, const char* output) {
  const auto network = ReadOnnx(model);
  if (!network) return {{"error", network.error().message}};
  LowerOptions options;
  for (const Value& value : network->outputs) options.keep.insert(value.name);
  const auto module = Module::Lower(*network, options);
  if (!module) return {{"error", module.error().message}};
  const at::NoGradGuard no_grad;
  Frame frame = module->NewFrame({});
  frame.values[module->InputSlot()] = ToTorch(ReadInput(network->inputs[0], input));
  std::vector<int> slots;
  for (const Value& value : network->outputs) slots.push_back(module->Slot(value.name));
  module->Run(frame, module->OperationsTo(slots));
  nlohmann::json shapes = nlohmann::json::array();
  std::ofstream file(output, std::ios::binary);
  for (const int slot : slots) {
    const Tensor values = FromTorch(frame.values[slot]);
    shapes.push_back(values.shape());
    file.write(reinterpret_cast<const char*>(values.bytes().data()),
               static_cast<std::streamsize>(values.bytes().size()));
  }
  return {{"shapes", shapes}};
}

nlohmann::json RunGuarded(const char* model, const char* input, const char* output) {
  try {
    return Run(model, input, output);
  } catch (const std::exception& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace
}  // namespace nacre::train_internal

int main(int count, char** arguments) {
  if (count < 4 || count % 3 != 1) {
    std::fprintf(stderr, "usage: train_forward_tool MODEL INPUT OUTPUT [MODEL INPUT OUTPUT...]\n");
    return 2;
  }
  for (int i = 1; i + 2 < count; i += 3) {
    const auto line =
        nacre::train_internal::RunGuarded(arguments[i], arguments[i + 1], arguments[i + 2]);
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
  return 0;
}
