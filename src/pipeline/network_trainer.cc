#include "pipeline/network_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "train/batch_size.h"

namespace nacre {
namespace {

// Where the segments of a training end, in updates of the optimizer.
struct Segments {
  int64_t total = 0;
  int64_t length = 0;
  int64_t in_floats = 0;  // after so many the training may go on under fake quantisation

  int64_t EndAfter(int64_t begin) const {
    return std::min(begin < in_floats ? in_floats : total, begin + length);
  }
};

Segments SegmentsOf(const Training& training, const ImageSet& images) {
  const auto batch = static_cast<double>(BatchFor(images));
  const double per_epoch = std::ceil(static_cast<double>(images.count()) / batch);
  Segments segments;
  segments.total = std::max<int64_t>(1, std::llround(training.epochs * per_epoch));
  segments.length = static_cast<int64_t>(shares::kSegmentEpochs * per_epoch);
  segments.in_floats = segments.total;
  if (training.ends_with_bits) {
    segments.in_floats -= std::llround(priors::kInt8End * static_cast<double>(segments.total));
  }
  return segments;
}

}  // namespace

Expected<TrainedNetwork> NetworkTrainer::Recalibrate(const ArtifactHash& network) {
  NACRE_TRY(const JobResult done,
            run_.jobs.Do(
                RecalibrateSpec(network, in_.train->hash, in_.selecting->hash, run_.config.seed)));
  const TrainedSegment segment = ReadSegment(done);
  return TrainedNetwork{.network = segment.network, .accuracy = segment.accuracy};
}

// How a training ends is decided once, so that a resumed run ends it the same way.
Expected<int> NetworkTrainer::BitsOfEnd(const std::string& identity, const ArtifactHash& network,
                                        const Training& training) {
  const std::string name = "ends-with-bits " + identity;
  NACRE_TRY(auto decided, run_.jobs.Decided(name));
  if (!decided) {
    NACRE_TRY(const int bits, training.ends_with_bits(network));
    decided = std::to_string(bits);
    NACRE_CHECK_OK(run_.jobs.Decide(name, *decided));
  }
  return std::stoi(*decided);
}

Expected<TrainedNetwork> NetworkTrainer::Train(const std::string& name, const ArtifactHash& network,
                                               const Training& training) {
  if (training.epochs <= 0) return Recalibrate(network);
  const std::string identity = Hasher()
                                   .Add(network)
                                   .Add(in_.train->hash)
                                   .Add(answers_.logits)
                                   .Add(training.epochs)
                                   .Add(training.rate)
                                   .Digest();
  const Segments segments = SegmentsOf(training, *in_.train);
  TrainJob job{.name = name,
               .network = network,
               .answers = answers_,
               .train = in_.train->hash,
               .validation = in_.selecting->hash,
               .epochs = training.epochs,
               .rate = training.rate,
               .total = segments.total,
               .seed = run_.config.seed};
  double images_per_second = 0;  // in floats
  for (;; job.begin = job.end) {
    job.end = segments.EndAfter(job.begin);
    if (job.begin == segments.in_floats) {
      NACRE_TRY(job.weight_bits, BitsOfEnd(identity, job.network, training));
    }
    if (training.deadline > Seconds(0)) {
      job.limit = std::max(Seconds(1e-3), training.deadline - run_.budget.clock().Now());
    }
    NACRE_TRY(const JobResult done, run_.jobs.Do(TrainSpec(job)));
    TrainedSegment segment = ReadSegment(done);
    if (job.weight_bits == 0) images_per_second = segment.images_per_second;
    if (segment.last) {
      return TrainedNetwork{segment.network, segment.accuracy, images_per_second,
                            std::move(segment.ranges)};
    }
    job.network = segment.network;
    job.state = segment.state;
  }
}

}  // namespace nacre
