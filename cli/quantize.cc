#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "dataset/image_folder.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "quantize/quantize.h"

namespace nacre {
namespace {

Expected<void> QuantizeFile(const std::string& model, const std::string& output,
                            const SettingFlags& flags, bool json) {
  NACRE_TRY(RunConfig config, ConfigFrom(model, flags));
  NACRE_TRY(const Network network, ReadOnnx(config.model));
  std::filesystem::path folder = config.train;
  if (!flags.data.empty() && !std::filesystem::is_directory(folder)) folder = flags.data;
  if (folder.empty()) return Fail(ErrorKind::kUsage, "no calibration images: give --data or --train");
  NACRE_TRY(const int64_t classes, FitToPreprocess(network, config.preprocess));
  (void)classes;
  LoadReport report;
  NACRE_TRY(const ImageSet images, LoadImageFolder(folder, {.preprocess = config.preprocess}, &report));
  const auto compiler = MakeOpenVinoCompiler();
  QuantizeOptions options;
  options.weight_bits = SafeWeightBits(InspectMachine());
  NACRE_TRY(const Network quantized,
            Quantize(network, *compiler, Sample(images, 512, config.seed), options));
  std::filesystem::path path = output;
  if (path.empty()) path = std::filesystem::path(config.model).replace_extension(".int8.onnx");
  NACRE_CHECK_OK(WriteOnnx(quantized, path));
  const auto bytes = std::filesystem::file_size(path);
  if (json) {
    fmt::print("{}\n", nlohmann::json{{"path", path.string()}, {"size_bytes", bytes},
                                      {"weight_bits", options.weight_bits}}.dump(2));
  } else {
    fmt::print("{}: {:.1f} KiB, weights in {} bits\n", path.string(), bytes / 1024.0,
               options.weight_bits);
  }
  return {};
}

}  // namespace

void AddQuantize(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("quantize", "INT8 alone: a float ONNX in, a QDQ ONNX out");
  auto model = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  auto flags = std::make_shared<SettingFlags>();
  command->add_option("MODEL", *model, "an ONNX file")->required();
  command->add_option("-o,--output", *output, "default: MODEL with .int8.onnx");
  AddSettingFlags(*command, *flags);
  command->callback([&line, model, output, flags] {
    line.chosen = [&line, model, output, flags] {
      return QuantizeFile(*model, *output, *flags, line.json);
    };
  });
}

}  // namespace nacre
