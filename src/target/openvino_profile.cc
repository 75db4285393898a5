#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <openvino/openvino.hpp>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "onnx/onnx.h"
#include "target/profile_layers.h"

namespace nacre {
namespace {

constexpr int kWarmUps = 2, kMostRuns = 100;

// OpenVINO reads a convolution with a bias as two operations, the first with this ending.
std::string NodeName(std::string layer) {
  constexpr std::string_view kEnding = "/WithoutBiases";
  if (layer.ends_with(kEnding)) layer.resize(layer.size() - kEnding.size());
  return layer;
}

std::vector<std::string> SplitByComma(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(NodeName(part));
  return parts;
}

// By the name of each layer that is run: the names of what it was made of.
std::map<std::string, std::vector<std::string>> OriginsOf(const ov::CompiledModel& compiled) {
  std::map<std::string, std::vector<std::string>> origins;
  for (const auto& layer : compiled.get_runtime_model()->get_ops()) {
    const auto found = layer->get_rt_info().find("originalLayersNames");
    if (found == layer->get_rt_info().end()) continue;
    origins[layer->get_friendly_name()] = SplitByComma(found->second.as<std::string>());
  }
  return origins;
}

// The network goes as soon as the compiler has its own copy of the weights.
ov::CompiledModel Compile(ov::Core& core, Network network, const CompileOptions& options) {
  std::string onnx = SerializeOnnx(network);
  network = {};
  const auto model = core.read_model(onnx, ov::Tensor());
  onnx = {};
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const auto& input : model->inputs()) {
    ov::PartialShape shape = input.get_partial_shape();
    shape[0] = options.batch;
    for (auto& dimension : shape) {
      if (dimension.is_dynamic()) dimension = 1;
    }
    shapes[input] = shape;
  }
  model->reshape(shapes);
  return core.compile_model(
      model, "CPU",
      {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(1),
       ov::inference_num_threads(options.threads), ov::enable_profiling(true),
       ov::hint::inference_precision(options.precision == Precision::kBf16 ? ov::element::bf16
                                                                           : ov::element::f32)});
}

std::vector<LayerTime> Profile(Network network, const CompileOptions& options, Seconds time) {
  ov::Core core;
  ov::CompiledModel compiled = Compile(core, std::move(network), options);
  const auto origins = OriginsOf(compiled);
  ov::InferRequest request = compiled.create_infer_request();
  std::map<std::string, double> sums;
  int runs = 0;
  const Seconds end = SteadyClock().Now() + time;
  for (int i = 0; i < kWarmUps; ++i) request.infer();
  while (runs == 0 || (runs < kMostRuns && SteadyClock().Now() < end)) {
    request.infer();
    ++runs;
    for (const ov::ProfilingInfo& info : request.get_profiling_info())
      sums[info.node_name] += static_cast<double>(info.real_time.count());
  }
  std::vector<LayerTime> layers;
  for (const auto& [name, sum] : sums) {
    const auto found = origins.find(name);
    layers.push_back(
        {found == origins.end() ? std::vector<std::string>{NodeName(name)} : found->second,
         sum / runs});
  }
  return layers;
}

}  // namespace

Expected<std::vector<LayerTime>> ProfileLayers(Network network, const CompileOptions& options,
                                               Seconds time) {
  try {
    return Profile(std::move(network), options, time);
  } catch (const std::exception& error) {
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    return Fail(ErrorKind::kTarget, "OpenVINO cannot run the network: " + message);
  }
}

}  // namespace nacre
