// What the rules with fresh layers share.
// Private to space/.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "space/span.h"

namespace nacre::space_internal {

// Writes one fragment: from the span's input to the value that becomes its output.
using Body = std::function<std::string(NetworkBuilder&, const std::string& x)>;

// The candidate that `body` writes. Residual branches that end in a batch-norm start small next to
// an identity shortcut (after arXiv 1706.02677, section 5.1), so that it begins near the identity.
Candidate Fresh(const Span& span, const SpaceOptions& options, CandidateKind kind,
                const std::string& detail, const Body& body);

// The activation at the end of the span: none where the original has none.
std::string LastActivation(const Span& span, const SpaceOptions& options);

// conv-bn-act-conv-bn plus shortcut, act (arXiv 1512.03385).
std::string Residual(NetworkBuilder& b, const std::string& x, ConvSpec first, int64_t out,
                     const std::string& activation, const std::string& last);

// A pointwise convolution of y to the channels of the span's output, with the shortcut x where the
// span keeps its shape.
std::string Close(NetworkBuilder& b, const Span& span, const std::string& x, const std::string& y,
                  const std::string& last);

// Inner widths to try around the width of the output, in multiples.
std::vector<int64_t> MidWidths(int64_t out, int64_t multiple);

// Multiply-accumulates of a candidate for a position of its output, by its inner width.
using WorkOfWidth = std::function<double(double width)>;
// Inner widths for a span of bottlenecks, in multiples and at most that of the output: those with
// which the candidate does three quarters, half and a quarter of the span's work, or of its own
// with the width of the output where that is less.
std::vector<int64_t> WidthsWithin(const Span& span, const SpaceOptions& options,
                                  const WorkOfWidth& work);

// A convolution over a large stride reads every position.
int64_t KernelFor(int64_t stride);

// Whether fresh layers may stand in place of the span: its stride is not too large.
bool SuitsFresh(const Span& span, const SpaceOptions& options);
// Whether pointwise work around one spatial convolution may, too: that on the three colours of an
// image is worth nothing, and long spans lose too much by it.
bool SuitsPointwise(const Span& span, const SpaceOptions& options);

}  // namespace nacre::space_internal
