#include "target/openvino.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <filesystem>
#include <openvino/openvino.hpp>

#include "target/machine.h"
#include "target/openvino_network.h"

namespace nacre {
namespace {

// One per process: plugins are loaded once. OpenVINO makes it thread-safe.
ov::Core& Core() {
  static ov::Core core;
  return core;
}

// OpenVINO's messages span lines and carry source positions: what a user can use is on the last
// line that says something.
std::string OneLine(const std::string& message) {
  std::string line;
  for (const char c : message) line += c == '\n' ? ' ' : c;
  const size_t end = line.find_last_not_of(' ');
  return end == std::string::npos ? "unknown error"
                                  : line.substr(0, std::min<size_t>(end + 1, 600));
}

tl::unexpected<Error> Caught(const std::string& doing, const std::exception& error) {
  return Fail(ErrorKind::kTarget,
              fmt::format("OpenVINO cannot {}: {}", doing, OneLine(error.what())));
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
          // Pinning is for the measuring thread to decide; OpenVINO's own would fight with it.
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
    network->RunOnce();  // what fails at the first inference fails here
    return network;
  } catch (const std::exception& error) {
    return Caught("compile the network", error);
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
    return Caught(fmt::format("write {}.xml", stem), error);
  }
}

}  // namespace nacre
