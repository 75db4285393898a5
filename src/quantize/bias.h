// Bias correction (arXiv 1906.04721, section 4.2, empirical): quantisation shifts the mean of a
// layer's output; the bias takes the shift out. Internal to quantize/.
#pragma once

#include "quantize/quantize.h"

namespace nacre {

// The float network with biases such that, quantised by `ranges`, every convolution and Gemm has
// the channel means of the float one. Layers are corrected front to back in at most four groups,
// each seeing the ones before it corrected, on at most 192 images. Returned unchanged when that
// does not bring the network's outputs closer to the float ones.
Expected<Network> CorrectBias(const Network& network, Compiler& compiler,
                              const ImageSet& calibration,
                              const std::map<std::string, Range>& ranges,
                              const QuantizeOptions& options);

}  // namespace nacre
