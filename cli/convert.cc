#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "onnx/contents.h"
#include "onnx/onnx.h"
#include "target/compare.h"

namespace nacre {
namespace {

constexpr double kTolerance = 1e-4;  // of the largest element of an output
// A dynamic dimension other than the batch, where no size is given.
constexpr int64_t kSomeSide = 224, kSomeLength = 8;

struct ConvertOptions {
  std::string from, to;
  SettingFlags settings;
};

struct Conversion {
  Network network;
  std::vector<std::string> changes;  // of the file, for people
  std::vector<OutputDifference> differences;
  std::optional<Error> not_compared;
  // OpenVINO runs the converted file; nothing where comparing has taken all the time.
  std::optional<bool> runs = true;

  bool verified() const { return !not_compared && largest() <= kTolerance; }
  double largest() const {
    double most = 0;
    for (const OutputDifference& each : differences) most = std::max(most, each.relative());
    return most;
  }
};

// The inputs as they are compared: one item, and pictures of the size that is given.
std::vector<Value> StaticInputs(const Network& network, const Preprocess& size) {
  std::vector<Value> inputs = network.inputs;
  for (Value& input : inputs) {
    const size_t rank = input.shape.size();
    const size_t height = rank == 4 && input.shape[3] > 0 && input.shape[3] <= 4 ? 1 : 2;
    for (size_t i = 0; i < rank; ++i) {
      if (input.shape[i] != kDynamic) continue;
      const bool side = rank == 4 && i > 0;
      const int64_t given = i == height ? size.height : size.width;
      input.shape[i] = i == 0 ? 1 : (side ? (given > 0 ? given : kSomeSide) : kSomeLength);
    }
  }
  return inputs;
}

// "opset: 11 became 17", "BatchNormalization: 20 became 0".
std::vector<std::string> ChangesOf(const Contents& before, const Network& network) {
  std::vector<std::string> changes;
  const auto compare = [&](const std::string& what, int64_t from, int64_t to) {
    if (from != to) changes.push_back(fmt::format("{}: {} became {}", what, from, to));
  };
  compare("opset", before.opset, network.opset);
  const OperationCounts after = CountOperations(network);
  OperationCounts all = before.operations;
  all.insert(after.begin(), after.end());
  for (const auto& [operation, count] : all) {
    const auto from = before.operations.find(operation), to = after.find(operation);
    compare(operation, from == before.operations.end() ? 0 : from->second,
            to == after.end() ? 0 : to->second);
  }
  return changes;
}

// Random inputs that make nothing but NaN show nothing.
std::optional<Error> WhyNotCompared(const std::vector<OutputDifference>& differences) {
  for (const OutputDifference& each : differences) {
    if (!each.says_something) {
      return Error{ErrorKind::kTarget,
                   fmt::format("OpenVINO finds no finite value for output '{}' of the original on "
                               "random inputs",
                               each.name)};
    }
  }
  return {};
}

// A file of a few nodes can ask for endless work (branches in branches, loops of 10^9 steps), so
// the time follows what the file holds: enough for a slow and loaded machine. ResNet-50 has 40
// seconds.
ChildLimits ComparingLimits(const Network& network) {
  constexpr double kSeconds = 8, kSecondsOfNode = 0.05, kSecondsOfMegaweight = 1;
  double megaweights = 0;
  for (const auto& [name, tensor] : network.initializers)
    megaweights += static_cast<double>(tensor.count()) * 1e-6;
  ChildLimits limits;
  limits.timeout = Seconds(kSeconds + kSecondsOfNode * static_cast<double>(network.nodes.size()) +
                           kSecondsOfMegaweight * megaweights);
  limits.arguments = {"compare"};
  return limits;
}

// Fills in how the outputs of both files compare, or why that is not known. Error: the converted
// file is not the same network.
Expected<void> Compare(const ConvertOptions& options, const std::filesystem::path& half,
                       const Preprocess& size, Conversion& conversion) {
  if ((conversion.not_compared = WhyTooLongToCompile(conversion.network))) {
    conversion.runs.reset();
    return {};
  }
  std::vector<std::string> outputs;
  for (const Value& output : conversion.network.outputs) outputs.push_back(output.name);
  const std::vector<Value> inputs = StaticInputs(conversion.network, size);
  const ChildLimits limits = ComparingLimits(conversion.network);
  const Seconds begin = SteadyClock().Now();
  auto differences = CompareInChild({options.from, half, inputs, outputs}, limits);
  const bool in_time = SteadyClock().Now() - begin < limits.timeout;
  const auto is_harmless = [&](ErrorKind kind) {
    const bool read_otherwise = !conversion.network.readings.empty();
    return kind == ErrorKind::kTarget || (read_otherwise && kind == ErrorKind::kModel);
  };
  if (differences) {
    conversion.differences = std::move(*differences);
    conversion.not_compared = WhyNotCompared(conversion.differences);
  } else if (is_harmless(differences.error().kind)) {
    conversion.not_compared = differences.error();
    conversion.runs.reset();
    if (in_time)
      conversion.runs = CompareInChild({half, half, inputs, outputs}, limits).has_value();
  } else {
    return tl::unexpected<Error>(differences.error());
  }
  if (conversion.largest() <= kTolerance || !conversion.network.readings.empty()) return {};
  return Fail(ErrorKind::kModel,
              fmt::format("OpenVINO computes something else from the converted file (largest "
                          "difference {:.2g} of the largest value), which is not written; "
                          "please report the model",
                          conversion.largest()));
}

// Writes beside the goal first: a conversion that is not the same network leaves no file.
Expected<Conversion> Convert(const ConvertOptions& options) {
  Conversion conversion;
  RunConfig config;
  NACRE_CHECK_OK(ApplySettings(options.settings, config));
  NACRE_TRY(conversion.network, ReadOnnx(options.from));
  NACRE_TRY(const Contents contents, ContentsOf(options.from));
  conversion.changes = ChangesOf(contents, conversion.network);
  const std::filesystem::path half = options.to + ".unverified";
  NACRE_CHECK_OK(WriteOnnx(conversion.network, half));
  const auto compared = Compare(options, half, config.preprocess, conversion);
  std::error_code failed;
  if (!compared) {
    std::filesystem::remove(half, failed);
    return tl::unexpected<Error>(compared.error());
  }
  std::filesystem::rename(half, options.to, failed);
  if (!failed) return conversion;
  return Fail(ErrorKind::kUsage, fmt::format("cannot write {}: {}", options.to, failed.message()));
}

std::vector<const Node*> Frozen(const Network& network) {
  std::vector<const Node*> frozen;
  for (const Node& node : network.nodes) {
    if (node.opaque()) frozen.push_back(&node);
  }
  return frozen;
}

void PrintJson(const ConvertOptions& options, const Conversion& conversion) {
  nlohmann::json frozen = nlohmann::json::array(), outputs = nlohmann::json::array();
  for (const Node* node : Frozen(conversion.network))
    frozen.push_back({{"node", node->name}, {"reason", node->frozen_reason}});
  for (const OutputDifference& each : conversion.differences) {
    outputs.push_back({{"name", each.name},
                       {"largest_difference", each.largest},
                       {"largest_value", each.magnitude}});
  }
  nlohmann::json json{{"path", options.to},
                      {"opset", conversion.network.opset},
                      {"nodes", conversion.network.nodes.size()},
                      {"changes", conversion.changes},
                      {"frozen", frozen},
                      {"readings", conversion.network.readings},
                      {"verified", conversion.verified()},
                      {"runs_in_openvino", nullptr},
                      {"outputs", outputs}};
  if (conversion.runs) json["runs_in_openvino"] = *conversion.runs;
  if (conversion.not_compared) json["not_verified"] = conversion.not_compared->message;
  fmt::print("{}\n", json.dump(2));
}

void PrintText(const ConvertOptions& options, const Conversion& conversion) {
  fmt::print("{}: opset {}, {} nodes\n", options.to, conversion.network.opset,
             conversion.network.nodes.size());
  for (const std::string& change : conversion.changes) fmt::print("changed: {}\n", change);
  for (const Node* node : Frozen(conversion.network))
    fmt::print("kept as it is: {} ({})\n", node->name, node->frozen_reason);
  for (const std::string& reading : conversion.network.readings)
    fmt::print("read so: {}\n", reading);
  if (conversion.not_compared) {
    Warn("not verified: " + conversion.not_compared->message);
    if (conversion.runs.value_or(false)) fmt::print("OpenVINO runs the converted file\n");
  } else if (conversion.largest() > kTolerance) {
    Warn("not verified: OpenVINO reads the original differently");
  } else {
    fmt::print(
        "verified: the same outputs on random inputs (largest difference {:.2g} of the "
        "largest value)\n",
        conversion.largest());
  }
}

}  // namespace

void AddConvert(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "convert", "read a model, write it as nacre understands it, and verify that it is the same");
  auto options = std::make_shared<ConvertOptions>();
  command->add_option("IN", options->from, "an ONNX file")->required();
  command->add_option("OUT", options->to, "file to write")->required();
  AddSomeSettings(*command, options->settings, {"data.preprocess.size"});
  command->callback([&line, options] {
    line.chosen = [&line, options]() -> Expected<void> {
      NACRE_TRY(const Conversion conversion, Convert(*options));
      if (line.json)
        PrintJson(*options, conversion);
      else
        PrintText(*options, conversion);
      return {};
    };
  });
}

}  // namespace nacre
