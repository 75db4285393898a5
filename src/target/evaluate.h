// Running a compiled classifier over a data set: its logits, its accuracy, and why a stated
// accuracy is not reproduced. Thread-safe as far as the compiler is.
#pragma once

#include <functional>

#include "data/image_set.h"
#include "graph/network.h"
#include "target/target.h"
#include "task/task.h"

namespace nacre {

struct EvaluateOptions {
  // Images at once where the compile options leave the batch dynamic; 1 when the network has a
  // fixed batch.
  int64_t batch = 64;
  std::function<void(double fraction)> progress;  // fraction of the images, in (0, 1]
  const Metric* metric = &TopOneMetric();         // of EvaluateCompiled
};

// Logits [count, classes], float, of a network with one input and at least one output, the first
// of which classifies, compiled with
// `options`. The last batch is filled up with its last image, so that the network runs with a
// static batch, as deployed. Errors: kData when there are no images, kModel when the network does
// not have one input and an output or does not answer with a row for each image, and the
// compiler's.
Expected<Tensor> PredictCompiled(Compiler& compiler, const Network& network,
                                 const CompileOptions& options, const ImageSet& images,
                                 const EvaluateOptions& evaluate = {});

// Accuracy of such a network by the metric. Error (kData) when a label is not one of its classes.
Expected<Accuracy> EvaluateCompiled(Compiler& compiler, const Network& network,
                                    const CompileOptions& options, const ImageSet& images,
                                    const EvaluateOptions& evaluate = {});

// Explains why `measured` is not `stated`, both by `metric`: tries other channel orders, scales,
// means and deviations on at most 2000 of the images and returns an Error (kData) that names the
// one that reproduces the stated accuracy, or the one that comes closest, or says that none helps.
tl::unexpected<Error> ExplainMismatch(const Network& network, Compiler& compiler,
                                      const ImageSet& images, const Accuracy& measured,
                                      double stated, const Metric& metric = TopOneMetric());

}  // namespace nacre
