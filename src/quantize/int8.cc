#include "quantize/int8.h"

#include <limits>
#include <utility>

#include "base/log.h"
#include "data/image_folder.h"
#include "forecast/priors.h"
#include "graph/simplify.h"
#include "quantize/guard.h"
#include "target/evaluate.h"
#include "task/accuracy.h"

namespace nacre {
namespace {

// How the guard measures prices: rounds, and seconds of one network in each. Guesses.
constexpr int kTimingRounds = 15;
constexpr Seconds kTimingSlice{0.01};

// A float network, and what quantising it in one way gives.
struct QuantizedVersion {
  Network float_network;
  Int8Result result;
  QuantizeOptions options;
  // Of the outputs from those of the network before any tuning, on the validation images.
  double divergence = std::numeric_limits<double>::infinity();
};

CompileOptions PredictOptions(const Int8Settings& settings, Precision precision) {
  return {precision, settings.workers, kDynamic};
}

Expected<Tensor> Int8Logits(const Network& quantized, const Int8Settings& settings,
                            const ImageSet& images) {
  return PredictCompiled(*settings.compiler, JoinAnswers(quantized, settings.task->form()),
                         PredictOptions(settings, Precision::kInt8), images);
}

// `folded` is without batch-norm.
Expected<Tensor> FloatLogits(const Network& folded, const Int8Settings& settings,
                             const ImageSet& images) {
  return PredictCompiled(*settings.compiler, JoinAnswers(folded, settings.task->form()),
                         PredictOptions(settings, Precision::kFp32), images);
}

void Say(const Int8Settings& settings, const std::string& doing) {
  if (settings.progress) settings.progress(doing);
}

// What every version is compared with.
struct Reference {
  const Int8Settings& settings;
  const Tensor& logits;  // of the float network on the validation images
};

Expected<QuantizedVersion> MakeVersion(const Network& network, const QuantizeOptions& options,
                                       const Reference& reference) {
  const Int8Settings& settings = reference.settings;
  QuantizedVersion version;
  version.float_network = network;
  version.options = options;
  version.options.weight_bits = settings.weight_bits;
  version.options.threads = settings.workers;
  NACRE_TRY(version.result.network,
            Quantize(network, *settings.compiler, *settings.calibration, version.options));
  NACRE_TRY(const Tensor logits,
            Int8Logits(version.result.network, settings, *settings.validation));
  NACRE_TRY(const Judged judged, settings.task->Judge(logits, *settings.validation));
  version.result.accuracy = judged.value;
  version.divergence = Divergence(settings.task->form(), reference.logits, logits);
  return version;
}

// Of a network that was trained for INT8 with these ranges. Its weights have adapted to their
// rounding: correcting biases for it once more would undo that (decision 8).
Expected<QuantizedVersion> MakeTunedVersion(const Network& network,
                                            const std::map<std::string, Range>& ranges,
                                            const Reference& reference) {
  NACRE_TRY(QuantizedVersion version,
            MakeVersion(network, {.bias_correction = false, .known = ranges}, reference));
  version.result.tuned = true;
  return version;
}

std::string NameOf(RangeMethod method) {
  switch (method) {
    case RangeMethod::kMse:
      return "by least squares";
    case RangeMethod::kPercentile:
      return "without outliers";
    case RangeMethod::kMinMax:
      break;
  }
  return "from least to most";
}

// The version with the ranges of whichever method comes nearest to the float network.
Expected<QuantizedVersion> BestVersion(const Network& network, const Reference& reference) {
  QuantizedVersion best;
  QuantizeOptions options;
  for (RangeMethod method : {RangeMethod::kMse, RangeMethod::kPercentile, RangeMethod::kMinMax}) {
    options.ranges = method;
    Say(reference.settings, "ranges of activations, " + NameOf(method));
    NACRE_TRY(QuantizedVersion version, MakeVersion(network, options, reference));
    const bool first = best.float_network.nodes.empty();
    if (first || version.divergence < best.divergence) best = std::move(version);
    if (best.result.accuracy >= reference.settings.reference - priors::kGoodInt8Loss) break;
    if (reference.settings.more_time && !reference.settings.more_time()) break;
  }
  return best;
}

// `best`, or the version of its network after tuning where that is nearer to the float network.
// Validation accuracy would be the worse judge: it moves by single images, many of which the
// network has memorised.
Expected<QuantizedVersion> OrTuned(QuantizedVersion best, const Reference& reference) {
  const auto tuned = reference.settings.tune(best.float_network);
  if (!tuned && tuned.error().kind == ErrorKind::kInterrupted)
    return tl::unexpected<Error>(tuned.error());
  if (!tuned) {
    Warn("INT8 is not tuned: " + tuned.error().message);
    return best;
  }
  NACRE_TRY(QuantizedVersion version, MakeTunedVersion(tuned->network, tuned->ranges, reference));
  if (!(version.divergence < best.divergence)) return best;
  return version;
}

// The float network and what is known of it, computed once for all that the guard tries.
struct GuardedNetwork {
  Network folded;
  std::map<std::string, Range> ranges;
  ImageSet images;  // that layers are judged by
  Tensor logits;    // on these
};

Expected<GuardedNetwork> PrepareGuard(const QuantizedVersion& version,
                                      const Int8Settings& settings) {
  GuardedNetwork guarded{.folded = FoldBatchNorm(version.float_network)};
  NACRE_TRY(guarded.ranges, CollectRanges(guarded.folded, *settings.compiler, *settings.calibration,
                                          version.options));
  guarded.images = Sample(*settings.calibration, priors::kInt8JudgingImages.Count(), settings.seed);
  NACRE_TRY(guarded.logits, FloatLogits(guarded.folded, settings, guarded.images));
  return guarded;
}

std::vector<Expected<double>> MeasureLatencies(const std::vector<Network>& networks,
                                               const Int8Settings& settings) {
  std::vector<MeasureJob> jobs;
  for (const Network& network : networks) jobs.push_back({network, settings.timed});
  return PairedMicroseconds(
      MeasureInChild(jobs, {.rounds = kTimingRounds, .slice = kTimingSlice}, settings.limits));
}

// The arguments must outlive the callbacks.
GuardCallbacks CallbacksFor(const GuardedNetwork& guarded, const QuantizeOptions& options,
                            const Int8Settings& settings) {
  GuardCallbacks callbacks;
  const auto partly = [&options](const std::vector<std::string>& keep_float) {
    QuantizeOptions changed = options;
    changed.keep_float = keep_float;
    return changed;
  };
  callbacks.quantize = [&, partly](const std::vector<std::string>& keep_float) {
    return Quantize(guarded.folded, *settings.compiler, *settings.calibration, partly(keep_float));
  };
  callbacks.quantize_quickly =
      [&, partly](const std::vector<std::string>& keep_float) -> Expected<Network> {
    return InsertQdq(guarded.folded, guarded.ranges, partly(keep_float));
  };
  callbacks.divergence = [&, judged = 0](const Network& quantized) mutable -> Expected<double> {
    Say(settings, "layers judged: " + std::to_string(++judged));
    NACRE_TRY(const Tensor logits, Int8Logits(quantized, settings, guarded.images));
    return Divergence(settings.task->form(), guarded.logits, logits);
  };
  callbacks.accuracy = [&](const Network& quantized) -> Expected<double> {
    Say(settings, "accuracy with some layers in float");
    NACRE_TRY(const Tensor logits, Int8Logits(quantized, settings, *settings.validation));
    NACRE_TRY(const Judged judged, settings.task->Judge(logits, *settings.validation));
    return judged.value;
  };
  callbacks.latency = [&](const std::vector<Network>& networks) {
    return MeasureLatencies(networks, settings);
  };
  return callbacks;
}

// The version with as few layers in float as keep the loss acceptable; as it is when that brings no
// accuracy.
Expected<Int8Result> WithGuard(QuantizedVersion version, const Int8Settings& settings) {
  NACRE_TRY(const GuardedNetwork guarded, PrepareGuard(version, settings));
  const GuardOptions options{.reference = settings.reference,
                             .acceptable_loss = settings.acceptable_loss,
                             .more_time = settings.more_time};
  NACRE_TRY(GuardResult found,
            QuantizeGuarded(QuantizedLayers(guarded.folded, version.options), options,
                            CallbacksFor(guarded, version.options, settings)));
  if (found.accuracy > version.result.accuracy) {
    version.result.network = std::move(found.network);
    version.result.accuracy = found.accuracy;
    version.result.kept_float = std::move(found.kept_float);
  }
  return std::move(version.result);
}

}  // namespace

Expected<double> FloatAccuracy(const Network& network, const Int8Settings& settings) {
  NACRE_TRY(const Tensor logits,
            FloatLogits(FoldBatchNorm(network), settings, *settings.validation));
  NACRE_TRY(const Judged judged, settings.task->Judge(logits, *settings.validation));
  return judged.value;
}

Expected<Int8Result> MakeInt8(const Network& network, const Int8Settings& settings) {
  Say(settings, "answers of the float network");
  NACRE_TRY(const Tensor logits,
            FloatLogits(FoldBatchNorm(network), settings, *settings.validation));
  const Reference reference{settings, logits};
  NACRE_TRY(QuantizedVersion best, settings.known.empty()
                                       ? BestVersion(network, reference)
                                       : MakeTunedVersion(network, settings.known, reference));
  if (settings.tune) {
    NACRE_TRY(best, OrTuned(std::move(best), reference));
  }
  if (best.result.accuracy >= settings.reference - settings.acceptable_loss)
    return std::move(best.result);
  if (settings.more_time && !settings.more_time()) return std::move(best.result);
  return WithGuard(std::move(best), settings);
}

}  // namespace nacre
