#include "target/openvino.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <filesystem>
#include <openvino/openvino.hpp>

#include "target/machine.h"
#include "target/openvino_network.h"

namespace nacre::target_internal {
namespace {

// One for the process, so that plugins are loaded once. It is thread-safe.
ov::Core& Core() {
  static ov::Core core;
  return core;
}

// OpenVINO's messages span several lines; an Error has one.
std::string JoinLines(std::string message) {
  constexpr size_t kMostCharacters = 600;
  std::replace(message.begin(), message.end(), '\n', ' ');
  const size_t end = message.find_last_not_of(' ');
  if (end == std::string::npos) return "unknown error";
  return message.substr(0, std::min(end + 1, kMostCharacters));
}

tl::unexpected<Error> CompilerError(const std::string& doing, const std::exception& error) {
  return Fail(ErrorKind::kTarget,
              fmt::format("OpenVINO cannot {}: {}", doing, JoinLines(error.what())));
}

void SetBatch(ov::Model& model, int64_t batch) {
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  bool changed = false;
  for (const auto& input : model.inputs()) {
    ov::PartialShape shape = input.get_partial_shape();
    if (shape.rank().is_static() && shape.size() > 0) {
      const ov::Dimension wanted =
          batch == kDynamic ? ov::Dimension::dynamic() : ov::Dimension(batch);
      changed |= shape[0] != wanted;
      shape[0] = wanted;
    }
    shapes[input] = shape;
  }
  if (changed) model.reshape(shapes);
}

ov::AnyMap Properties(const CompileOptions& options) {
  return {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(1),
          ov::inference_num_threads(options.threads),
          // The measuring thread is pinned by whoever measures; OpenVINO's pinning would undo that.
          ov::hint::enable_cpu_pinning(false),
          ov::hint::inference_precision(options.precision == Precision::kBf16 ? ov::element::bf16
                                                                              : ov::element::f32)};
}

}  // namespace

std::string CompilerVersion() {
  return fmt::format("OpenVINO {}", ov::get_openvino_version().buildNumber);
}

Expected<std::unique_ptr<CompiledNetwork>> CompileOnnx(const std::string& onnx,
                                                       const CompileOptions& options,
                                                       const std::vector<std::string>& inputs,
                                                       const std::vector<std::string>& outputs) {
  try {
    const std::shared_ptr<ov::Model> model = Core().read_model(onnx, ov::Tensor());
    SetBatch(*model, options.batch);
    ov::CompiledModel compiled = Core().compile_model(model, "CPU", Properties(options));
    auto network = std::make_unique<OpenVinoNetwork>(std::move(compiled), inputs, outputs);
    network->RunOnce();  // some networks fail at the first inference only: that is an Error here
    return network;
  } catch (const std::exception& error) {
    return CompilerError("compile the network", error);
  }
}

Expected<void> ExportOnnx(const std::string& onnx, const std::string& stem) {
  namespace fs = std::filesystem;
  const std::string partial = stem + ".partial";
  try {
    if (const fs::path folder = fs::path(stem).parent_path(); !folder.empty())
      fs::create_directories(folder);
    ov::save_model(Core().read_model(onnx, ov::Tensor()), partial + ".xml", false);
    fs::rename(partial + ".bin", stem + ".bin");
    fs::rename(partial + ".xml", stem + ".xml");
    return {};
  } catch (const std::exception& error) {
    std::error_code ignored;
    for (const char* suffix : {".xml", ".bin"}) fs::remove(partial + suffix, ignored);
    return CompilerError(fmt::format("write {}.xml", stem), error);
  }
}

}  // namespace nacre::target_internal
