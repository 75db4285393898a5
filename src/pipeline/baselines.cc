// Both baselines on the target: the original compiled in FP32 and in INT8, interleaved.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/context.h"
#include "quantize/quantize.h"
#include "target/remote.h"

namespace nacre {

Expected<void> MeasureBaselines(Context& context) {
  const std::string identity = Hasher()
                                   .Add(StructuralHash(context.original, true))
                                   .Add(context.calibration.hash)
                                   .Add(Fingerprint(context.machine, context.config.target))
                                   .Digest();
  const auto quantized =
      Once(context, "quantize", "quantize-original-" + identity, [&]() -> Expected<Job> {
        QuantizeOptions options;
        options.weight_bits = SafeWeightBits(context.machine);
        NACRE_TRY(const Network network,
                  Quantize(context.original, *context.compiler, context.calibration, options));
        NACRE_TRY(const std::string hash, context.run->PutArtifact(SerializeOnnx(network)));
        return Job{.artifacts = {hash}};
      });
  if (!quantized) return tl::unexpected<Error>(quantized.error());
  NACRE_TRY(const std::string bytes, context.run->GetArtifact(quantized->artifacts[0]));
  NACRE_TRY(context.original_int8, ParseOnnx(bytes));

  const auto measured =
      Once(context, "latency", "latency-original-" + identity, [&]() -> Expected<Job> {
        CompileOptions fp32 = context.TimedOptions();
        fp32.precision = Precision::kFp32;
        const std::vector<MeasureJob> jobs = {{FoldBatchNorm(context.original), fp32},
                                              {context.original_int8, context.TimedOptions()}};
        const auto results = MeasureInChild(jobs, {.rounds = 31}, LimitsFor(context.config.target));
        nlohmann::json json;
        for (const auto& result : results) {
          if (!result) return tl::unexpected<Error>(result.error());
          json.push_back(result->measurement.median.count());
        }
        return Job{.result = json.dump()};
      });
  if (!measured) return tl::unexpected<Error>(measured.error());
  const auto json = nlohmann::json::parse(measured->result);
  context.fp32_latency = Latency(json[0].get<double>());
  context.int8_latency = Latency(json[1].get<double>());
  NACRE_TRY(context.original_usage, UsageOf(context.original, context.config.target));
  context.original_usage.latency = context.int8_latency.count();
  Info(fmt::format("original on {}: FP32 {:.3f} ms, INT8 {:.3f} ms",
                   context.config.target.ToString(), Milliseconds(context.fp32_latency),
                   Milliseconds(context.int8_latency)));
  return {};
}

}  // namespace nacre
