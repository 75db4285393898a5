#include <algorithm>
#include <functional>

#include "forecast/priors.h"
#include "graph/builder.h"
#include "space/span.h"

namespace nacre::space_internal {
namespace {

bool IsMadeByBatchNorm(const Network& network, const std::string& value) {
  const auto producer = network.Producer(value);
  return producer && network.nodes[*producer].op == "BatchNormalization";
}

// Residual branches that end in a batch-norm start small next to an identity shortcut (after arXiv
// 1706.02677, section 5.1), so that a fresh block begins near the identity.
void StartNearIdentity(Network& network) {
  for (const Node& add : network.nodes) {
    if (add.op != "Add") continue;
    for (const size_t side : {0, 1}) {
      const std::string& branch = add.inputs[side];
      const std::string& shortcut = add.inputs[1 - side];
      if (!IsMadeByBatchNorm(network, branch) || IsMadeByBatchNorm(network, shortcut)) continue;
      const Node& norm = network.nodes[*network.Producer(branch)];
      Tensor& gain = network.initializers.at(norm.inputs[1]);
      const auto first = static_cast<float>(priors::kFirstGain.value);
      gain = Tensor::Floats(gain.shape(), std::vector<float>(gain.count(), first));
    }
  }
}

// Writes one fragment: from the span's input to the value that becomes its output.
using Body = std::function<std::string(NetworkBuilder&, const std::string& x)>;

class Fragments {
 public:
  Fragments(const Span& span, const SpaceOptions& options) : span_(span), options_(options) {}

  void Add(CandidateKind kind, const std::string& detail, const Body& body) {
    const std::string id = CandidateId(span_, kind, detail);
    Shape shape = span_.in;
    shape[0] = kDynamic;
    NetworkBuilder builder(id, span_.input, shape, Random(options_.seed).Fork(id));
    const std::string last = body(builder, span_.input);
    Network fragment = std::move(builder).Finish(last, span_.output);
    StartNearIdentity(fragment);
    candidates_.push_back(MakeCandidate(span_, kind, detail, std::move(fragment)));
  }

  std::vector<Candidate> Take() && { return std::move(candidates_); }

 private:
  const Span& span_;
  const SpaceOptions& options_;
  std::vector<Candidate> candidates_;
};

// The activation at the end of the span: none where the original has none.
std::string LastActivation(const Span& span, const SpaceOptions& options) {
  return span.activated ? options.activation : "";
}

// conv-bn-act-conv-bn plus shortcut, act (arXiv 1512.03385).
std::string Residual(NetworkBuilder& b, const std::string& x, ConvSpec first, int64_t out,
                     const std::string& activation, const std::string& last) {
  const std::string inner = b.ConvBn(x, first, activation);
  const std::string outer = b.ConvBn(inner, {.out = out}, "");
  const bool same = first.stride == 1 && b.Channels(x) == out;
  const std::string side =
      same ? x : b.ConvBn(x, {.out = out, .kernel = 1, .stride = first.stride}, "");
  return b.Activation(b.Add(outer, side), last);
}

std::vector<int64_t> MidWidths(int64_t out, int64_t multiple) {
  std::vector<int64_t> widths;
  for (int64_t width : {out / 2, out, out * 3 / 2}) {
    width = std::max(multiple, width / multiple * multiple);
    if (std::find(widths.begin(), widths.end(), width) == widths.end()) widths.push_back(width);
  }
  return widths;
}

// A convolution over a large stride reads every position.
int64_t KernelFor(int64_t stride) { return stride > 2 ? 2 * stride - 1 : 3; }

void AddPlain(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  const int64_t out = span.out[1];
  const int64_t stride = span.stride;
  const int64_t kernel = KernelFor(stride);
  const std::string last = LastActivation(span, options);
  const Body one = [&](NetworkBuilder& b, const std::string& x) {
    return b.ConvBn(x, {.out = out, .kernel = kernel, .stride = stride}, last);
  };
  fragments.Add(CandidateKind::kPlain, std::to_string(out), one);
  for (const int64_t mid : MidWidths(out, options.channel_multiple)) {
    const Body two = [&](NetworkBuilder& b, const std::string& x) {
      const auto y =
          b.ConvBn(x, {.out = mid, .kernel = kernel, .stride = stride}, options.activation);
      return b.ConvBn(y, {.out = out}, last);
    };
    fragments.Add(CandidateKind::kPlain, std::to_string(mid) + "-" + std::to_string(out), two);
  }
}

// Several blocks become one residual block.
void AddMerged(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  if (span.blocks() < 2 || span.stride > 2) return;
  const int64_t out = span.out[1];
  const std::string last = LastActivation(span, options);
  for (const int64_t mid : MidWidths(out, options.channel_multiple)) {
    const Body body = [&](NetworkBuilder& b, const std::string& x) {
      const ConvSpec first{.out = mid, .stride = span.stride};
      return Residual(b, x, first, out, options.activation, last);
    };
    fragments.Add(CandidateKind::kMerge, std::to_string(mid), body);
  }
}

// The low resolution first, then one or two residual blocks there.
void AddEarlyStride(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  if (span.blocks() < 2 || span.stride < 2) return;
  const int64_t out = span.out[1];
  const std::string& act = options.activation;
  const std::string last = LastActivation(span, options);
  for (const int depth : {1, 2}) {
    if (depth >= span.blocks()) continue;
    const Body body = [&](NetworkBuilder& b, std::string x) {
      const int64_t kernel = KernelFor(span.stride);
      x = b.ConvBn(x, {.out = out, .kernel = kernel, .stride = span.stride}, act);
      for (int i = 0; i < depth; ++i)
        x = Residual(b, x, {.out = out}, out, act, i + 1 < depth ? act : last);
      return x;
    };
    fragments.Add(CandidateKind::kEarlyStride, std::to_string(out) + "x" + std::to_string(depth),
                  body);
  }
}

// Pointwise work around one spatial convolution.
void AddPointwise(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  const int64_t in = span.in[1];
  const int64_t out = span.out[1];
  const int64_t stride = span.stride;
  const int64_t unit = options.channel_multiple;
  const std::string& act = options.activation;
  const std::string last = LastActivation(span, options);
  const auto close = [&](NetworkBuilder& b, const std::string& x, const std::string& y) {
    const std::string narrow = b.ConvBn(y, {.out = out, .kernel = 1}, "");
    return b.Activation(span.same_shape() ? b.Add(narrow, x) : narrow, last);
  };
  const Body bottleneck = [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = out / 2, .kernel = 1}, act);
    return close(b, x, b.ConvBn(y, {.out = out / 2, .stride = stride}, act));
  };
  const Body grouped = [&](NetworkBuilder& b, const std::string& x) {
    return close(b, x, b.ConvBn(x, {.out = in, .stride = stride, .groups = in / unit}, act));
  };
  const Body inverted = [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = 2 * in, .kernel = 1}, act);
    return close(b, x, b.ConvBn(y, {.out = 2 * in, .stride = stride, .groups = 2 * in}, act));
  };
  const Body separable = [&](NetworkBuilder& b, const std::string& x) {
    return close(b, x, b.ConvBn(x, {.out = in, .stride = stride, .groups = in}, act));
  };
  const Body fused = [&](NetworkBuilder& b, const std::string& x) {
    return close(b, x, b.ConvBn(x, {.out = 2 * in, .stride = stride}, act));
  };
  if (out / 2 >= unit)
    fragments.Add(CandidateKind::kBottleneck, std::to_string(out / 2), bottleneck);
  if (in % unit == 0 && in / unit >= 2)
    fragments.Add(CandidateKind::kGrouped, std::to_string(in / unit), grouped);
  fragments.Add(CandidateKind::kInverted, "2", inverted);
  fragments.Add(CandidateKind::kSeparable, "", separable);
  fragments.Add(CandidateKind::kFused, std::to_string(2 * in), fused);
}

// Pointwise work on the three colours of an image is worth nothing.
bool SuitsPointwise(const Span& span, const SpaceOptions& options) {
  return span.in[1] >= options.channel_multiple && span.stride <= 2 &&
         span.blocks() <= priors::kLongestPointwise;
}

}  // namespace

std::vector<Candidate> FreshCandidates(const Span& span, const SpaceOptions& options) {
  if (span.stride > priors::kLargestStride) return {};
  Fragments fragments(span, options);
  AddPlain(span, options, fragments);
  AddMerged(span, options, fragments);
  AddEarlyStride(span, options, fragments);
  if (SuitsPointwise(span, options)) AddPointwise(span, options, fragments);
  return std::move(fragments).Take();
}

}  // namespace nacre::space_internal
