#include "quantize/int8.h"

#include <limits>

#include "base/log.h"
#include "data/image_folder.h"
#include "graph/simplify.h"
#include "quantize/guard.h"
#include "target/evaluate.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

constexpr double kGoodLoss = 0.001;  // no other method is tried
constexpr int64_t kJudgingImages = 256;

struct Attempt {
  Network network;  // in float
  Int8Result result;
  QuantizeOptions options;
  double divergence =
      std::numeric_limits<double>::infinity();  // from the outputs of the network before tuning
};

CompileOptions Evaluating(const Int8Settings& settings, Precision precision) {
  return {precision, settings.workers, kDynamic};
}

Expected<double> AccuracyOf(const Network& quantized, const Int8Settings& settings) {
  NACRE_TRY(const Accuracy accuracy,
            EvaluateCompiled(*settings.compiler, quantized, Evaluating(settings, Precision::kInt8),
                             *settings.validation));
  return accuracy.value;
}

// Of the float network on the validation images.
Expected<Tensor> FloatLogits(const Network& network, const Int8Settings& settings) {
  return PredictCompiled(*settings.compiler, FoldBatchNorm(network),
                         Evaluating(settings, Precision::kFp32), *settings.validation);
}

struct Means {
  const Int8Settings& settings;
  const Tensor& logits;  // of the float network
};

Expected<Attempt> QuantizeBy(const Network& network, const QuantizeOptions& options,
                             const Means& means) {
  const Int8Settings& settings = means.settings;
  Attempt attempt;
  attempt.network = network;
  attempt.options = options;
  attempt.options.weight_bits = settings.weight_bits;
  NACRE_TRY(attempt.result.network,
            Quantize(network, *settings.compiler, *settings.calibration, attempt.options));
  NACRE_TRY(const Tensor logits,
            PredictCompiled(*settings.compiler, attempt.result.network,
                            Evaluating(settings, Precision::kInt8), *settings.validation));
  attempt.result.accuracy = TopOne(logits, settings.validation->labels).value;
  attempt.divergence = Divergence(means.logits, logits);
  return attempt;
}

// The float network and what is known of it, for as long as the guard works.
struct Ground {
  Network folded;
  std::map<std::string, Range> ranges;
  ImageSet images;
  Tensor logits;
};

Expected<Ground> Prepare(const Network& network, const QuantizeOptions& options,
                         const Int8Settings& settings) {
  Ground ground{.folded = FoldBatchNorm(network)};
  NACRE_TRY(ground.ranges,
            CollectRanges(ground.folded, *settings.compiler, *settings.calibration, options));
  ground.images = Sample(*settings.calibration, kJudgingImages, settings.seed);
  NACRE_TRY(ground.logits, PredictCompiled(*settings.compiler, ground.folded,
                                           Evaluating(settings, Precision::kFp32), ground.images));
  return ground;
}

GuardMeans MeansOf(const Ground& ground, const QuantizeOptions& options,
                   const Int8Settings& settings) {
  GuardMeans means;
  const auto partly = [&options](const std::vector<std::string>& keep_float) {
    QuantizeOptions changed = options;
    changed.keep_float = keep_float;
    return changed;
  };
  means.quantize = [&, partly](const std::vector<std::string>& keep_float) {
    return Quantize(ground.folded, *settings.compiler, *settings.calibration, partly(keep_float));
  };
  means.sketch = [&, partly](const std::vector<std::string>& keep_float) -> Expected<Network> {
    return InsertQdq(ground.folded, ground.ranges, partly(keep_float));
  };
  means.divergence = [&](const Network& quantized) -> Expected<double> {
    NACRE_TRY(const Tensor others,
              PredictCompiled(*settings.compiler, quantized, Evaluating(settings, Precision::kInt8),
                              ground.images));
    return Divergence(ground.logits, others);
  };
  means.accuracy = [&](const Network& quantized) { return AccuracyOf(quantized, settings); };
  means.latency = [&](const std::vector<Network>& networks) {
    std::vector<MeasureJob> jobs;
    for (const Network& network : networks) jobs.push_back({network, settings.timed});
    return PairedMicroseconds(
        MeasureInChild(jobs, {.rounds = 15, .slice = Seconds(0.01)}, settings.limits));
  };
  return means;
}

Expected<Attempt> BestMethod(const Network& network, const Means& means) {
  if (!means.settings.known.empty()) {
    NACRE_TRY(
        Attempt trained,
        QuantizeBy(network, {.bias_correction = false, .known = means.settings.known}, means));
    trained.result.tuned = true;
    return trained;
  }
  Attempt best;
  QuantizeOptions options;
  for (RangeMethod method : {RangeMethod::kMse, RangeMethod::kPercentile, RangeMethod::kMinMax}) {
    options.ranges = method;
    NACRE_TRY(Attempt attempt, QuantizeBy(network, options, means));
    if (best.network.nodes.empty() || attempt.divergence < best.divergence)
      best = std::move(attempt);
    if (best.result.accuracy >= means.settings.reference - kGoodLoss) break;
  }
  return best;
}

// `best`, or what tuning makes of its network where that is nearer to the float network. Validation
// accuracy would be the worse judge: it moves by single images, which the network may know by
// heart. Tuned weights have learned to live with their rounding: correcting biases for it once more
// would undo that (decision 8).
Expected<Attempt> OrTuned(Attempt best, const Means& means) {
  const auto tuned = means.settings.tune(best.network);
  if (!tuned && tuned.error().kind == ErrorKind::kInterrupted)
    return tl::unexpected<Error>(tuned.error());
  if (!tuned) {
    Warn("INT8 as it is, not tuned: " + tuned.error().message);
    return best;
  }
  NACRE_TRY(Attempt attempt,
            QuantizeBy(tuned->network, {.bias_correction = false, .known = tuned->ranges}, means));
  if (!(attempt.divergence < best.divergence)) return best;
  attempt.result.tuned = true;
  return attempt;
}

}  // namespace

Expected<Int8Result> MakeInt8(const Network& network, const Int8Settings& settings) {
  NACRE_TRY(const Tensor logits, FloatLogits(network, settings));
  const Means means{settings, logits};
  NACRE_TRY(Attempt best, BestMethod(network, means));
  if (settings.tune) {
    NACRE_TRY(best, OrTuned(std::move(best), means));
  }
  if (best.result.accuracy >= settings.reference - settings.acceptable_loss)
    return std::move(best.result);
  NACRE_TRY(const Ground ground, Prepare(best.network, best.options, settings));
  NACRE_TRY(GuardResult guarded, QuantizeGuarded(QuantizedLayers(ground.folded, best.options),
                                                 {.reference = settings.reference,
                                                  .acceptable_loss = settings.acceptable_loss},
                                                 MeansOf(ground, best.options, settings)));
  if (guarded.accuracy > best.result.accuracy) {
    best.result = {std::move(guarded.network), guarded.accuracy, std::move(guarded.kept_float),
                   best.result.tuned};
  }
  return std::move(best.result);
}

}  // namespace nacre
