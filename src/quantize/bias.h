// Bias correction (Nagel et al., arXiv 1906.04721, section 4.2, empirical): quantisation shifts the
// mean of a layer's output, and the bias takes the shift out. Private to quantize/.
#pragma once

#include <map>
#include <string>

#include "quantize/quantize.h"

namespace nacre::quantize_internal {

// The float network with biases such that, quantised by `ranges`, every convolution and Gemm has
// the channel means of the float one. Layers are corrected front to back in at most four groups,
// each measured with the ones before it corrected, on at most 192 images. The network is returned
// unchanged when that does not bring its outputs closer to the float ones.
Expected<Network> CorrectBias(const Network& network, Compiler& compiler,
                              const ImageSet& calibration,
                              const std::map<std::string, Range>& ranges,
                              const QuantizeOptions& options);

}  // namespace nacre::quantize_internal
