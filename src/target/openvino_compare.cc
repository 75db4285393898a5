#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <openvino/openvino.hpp>

#include "base/random.h"
#include "target/compare.h"

namespace nacre {
namespace {

// What one output holds.
struct Values {
  ov::Shape shape;
  std::vector<double> elements;
};

template <typename T>
void Fill(ov::Tensor& tensor, Random& random, double low, double high) {
  T* elements = tensor.data<T>();
  for (size_t i = 0; i < tensor.get_size(); ++i)
    elements[i] = static_cast<T>(low + (high - low) * random.Uniform());
}

// Floats in [-1, 1), pixels, and zeros and ones as positions and flags.
ov::Tensor RandomInput(const ov::element::Type& type, const Shape& shape, Random& random) {
  ov::Tensor tensor(type, ov::Shape(shape.begin(), shape.end()));
  if (type == ov::element::f32) {
    Fill<float>(tensor, random, -1, 1);
  } else if (type == ov::element::f16) {
    Fill<ov::float16>(tensor, random, -1, 1);
  } else if (type == ov::element::f64) {
    Fill<double>(tensor, random, -1, 1);
  } else if (type == ov::element::u8) {
    Fill<uint8_t>(tensor, random, 0, 256);
  } else if (type == ov::element::i8) {
    Fill<int8_t>(tensor, random, -128, 128);
  } else if (type == ov::element::i32) {
    Fill<int32_t>(tensor, random, 0, 2);
  } else if (type == ov::element::i64) {
    Fill<int64_t>(tensor, random, 0, 2);
  } else {
    std::fill_n(static_cast<char*>(tensor.data()), tensor.get_byte_size(), char{0});
  }
  return tensor;
}

template <typename T>
std::vector<double> Doubles(const ov::Tensor& tensor) {
  const T* elements = tensor.data<const T>();
  std::vector<double> doubles;
  for (size_t i = 0; i < tensor.get_size(); ++i)
    doubles.push_back(static_cast<double>(elements[i]));
  return doubles;
}

std::vector<double> ElementsOf(const ov::Tensor& tensor) {
  const auto type = tensor.get_element_type();
  if (type == ov::element::f32) return Doubles<float>(tensor);
  if (type == ov::element::f16) return Doubles<ov::float16>(tensor);
  if (type == ov::element::f64) return Doubles<double>(tensor);
  if (type == ov::element::u8) return Doubles<uint8_t>(tensor);
  if (type == ov::element::i8) return Doubles<int8_t>(tensor);
  if (type == ov::element::i32) return Doubles<int32_t>(tensor);
  if (type == ov::element::i64) return Doubles<int64_t>(tensor);
  if (type == ov::element::boolean) return Doubles<char>(tensor);
  throw std::runtime_error("outputs of type " + type.get_type_name() + " cannot be compared");
}

std::vector<Values> Run(const std::filesystem::path& file, const std::vector<Value>& inputs,
                        const std::vector<std::string>& outputs, uint64_t seed) {
  ov::Core core;
  const auto model = core.read_model(file.string());
  std::map<std::string, ov::PartialShape> shapes;
  for (const Value& input : inputs)
    shapes[input.name] = ov::Shape(input.shape.begin(), input.shape.end());
  model->reshape(shapes);
  ov::CompiledModel compiled =
      core.compile_model(model, "CPU",
                         {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                          ov::num_streams(1), ov::hint::inference_precision(ov::element::f32)});
  ov::InferRequest request = compiled.create_infer_request();
  Random random(seed);
  for (const Value& input : inputs) {
    const auto type = compiled.input(input.name).get_element_type();
    request.set_tensor(input.name, RandomInput(type, input.shape, random));
  }
  request.infer();
  std::vector<Values> values;
  for (const std::string& output : outputs) {
    const ov::Tensor tensor = request.get_tensor(output);
    values.push_back({tensor.get_shape(), ElementsOf(tensor)});
  }
  return values;
}

Expected<std::vector<Values>> RunFile(const std::filesystem::path& file,
                                      const std::vector<Value>& inputs,
                                      const std::vector<std::string>& outputs, uint64_t seed) {
  try {
    return Run(file, inputs, outputs, seed);
  } catch (const std::exception& error) {
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    constexpr size_t kMostCharacters = 400;
    return Fail(ErrorKind::kTarget, fmt::format("OpenVINO cannot run {}: {}", file.string(),
                                                message.substr(0, kMostCharacters)));
  }
}

Expected<OutputDifference> Compare(const std::string& name, const Values& a, const Values& b) {
  if (a.shape != b.shape) {
    return Fail(ErrorKind::kModel, fmt::format("output '{}' has the shape {} before and {} after",
                                               name, a.shape.to_string(), b.shape.to_string()));
  }
  OutputDifference difference{.name = name, .says_something = a.elements.empty()};
  for (size_t i = 0; i < a.elements.size(); ++i) {
    const double x = a.elements[i], y = b.elements[i];
    if (std::isfinite(x)) {
      difference.magnitude = std::max(difference.magnitude, std::abs(x));
      difference.says_something = true;
    }
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double between = std::abs(x - y);
    difference.largest = std::isnan(between) ? INFINITY : std::max(difference.largest, between);
  }
  return difference;
}

}  // namespace

Expected<std::vector<OutputDifference>> CompareFiles(const std::filesystem::path& first,
                                                     const std::filesystem::path& second,
                                                     const std::vector<Value>& inputs,
                                                     const std::vector<std::string>& outputs,
                                                     uint64_t seed) {
  NACRE_TRY(const auto before, RunFile(first, inputs, outputs, seed));
  const auto after = RunFile(second, inputs, outputs, seed);
  if (!after) return Fail(ErrorKind::kInternal, after.error().message);
  std::vector<OutputDifference> differences;
  for (size_t i = 0; i < outputs.size(); ++i) {
    NACRE_TRY(OutputDifference difference, Compare(outputs[i], before[i], after->at(i)));
    differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace nacre
