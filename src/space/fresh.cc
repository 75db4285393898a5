#include <algorithm>
#include <functional>

#include "graph/builder.h"
#include "space/span.h"

namespace nacre {
namespace {

// Residual branches that end in a batch-norm start small next to an identity shortcut (after arXiv
// 1706.02677, section 5.1), so that a fresh block begins near the identity.
constexpr float kFirstGain = 0.25f;

void StartNearIdentity(Network& network) {
  for (const Node& add : network.nodes) {
    if (add.op != "Add") continue;
    for (size_t side : {0, 1}) {
      const auto branch = network.Producer(add.inputs[side]),
                 shortcut = network.Producer(add.inputs[1 - side]);
      if (!branch || network.nodes[*branch].op != "BatchNormalization") continue;
      if (shortcut && network.nodes[*shortcut].op == "BatchNormalization") continue;
      Tensor& gain = network.initializers.at(network.nodes[*branch].inputs[1]);
      gain = Tensor::Floats(gain.shape(), std::vector<float>(gain.count(), kFirstGain));
    }
  }
}

// Writes one fragment: from the span's input to the value that becomes its output.
using Body = std::function<std::string(NetworkBuilder&, const std::string& x)>;

class Fragments {
 public:
  Fragments(const Span& span, const SpaceOptions& options) : span_(span), options_(options) {}

  void Add(const std::string& kind, const std::string& detail, const Body& body) {
    const std::string id = CandidateId(span_, kind, detail);
    Shape shape = span_.in;
    shape[0] = kDynamic;
    NetworkBuilder builder(id, span_.input, shape, Random(options_.seed).Fork(id));
    const std::string last = body(builder, span_.input);
    Network fragment = std::move(builder).Finish(last, span_.output);
    StartNearIdentity(fragment);
    candidates_.push_back({id, kind, span_.first, span_.last, std::move(fragment)});
  }

  std::vector<Candidate> Take() && { return std::move(candidates_); }

 private:
  const Span& span_;
  const SpaceOptions& options_;
  std::vector<Candidate> candidates_;
};

// The activation at the span's end, as the original has one there or not.
std::string Last(const Span& span, const SpaceOptions& options) {
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

void AddPlain(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  const int64_t out = span.out[1], stride = span.stride;
  const std::string last = Last(span, options);
  const int64_t kernel = stride > 2 ? 2 * stride - 1 : 3;
  fragments.Add("plain", std::to_string(out), [&](NetworkBuilder& b, const std::string& x) {
    return b.ConvBn(x, {.out = out, .kernel = kernel, .stride = stride}, last);
  });
  for (int64_t mid : MidWidths(out, options.channel_multiple)) {
    fragments.Add("plain", std::to_string(mid) + "-" + std::to_string(out),
                  [&](NetworkBuilder& b, const std::string& x) {
                    const auto y = b.ConvBn(x, {.out = mid, .kernel = kernel, .stride = stride},
                                            options.activation);
                    return b.ConvBn(y, {.out = out}, last);
                  });
  }
}

// n blocks become one residual block; also with the low resolution first and two blocks there.
void AddMerged(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  const int64_t out = span.out[1], stride = span.stride;
  const std::string last = Last(span, options), &act = options.activation;
  if (span.blocks() >= 2 && stride <= 2) {
    for (int64_t mid : MidWidths(out, options.channel_multiple)) {
      fragments.Add("merge", std::to_string(mid), [&](NetworkBuilder& b, const std::string& x) {
        return Residual(b, x, {.out = mid, .stride = stride}, out, act, last);
      });
    }
  }
  if (stride < 2 || span.blocks() < 2) return;
  const int64_t kernel = stride > 2 ? 2 * stride - 1 : 3;
  for (int depth : {1, 2}) {
    if (depth >= span.blocks()) continue;
    fragments.Add("early-stride", std::to_string(out) + "x" + std::to_string(depth),
                  [&](NetworkBuilder& b, std::string x) {
                    x = b.ConvBn(x, {.out = out, .kernel = kernel, .stride = stride}, act);
                    for (int i = 0; i < depth; ++i)
                      x = Residual(b, x, {.out = out}, out, act, i + 1 < depth ? act : last);
                    return x;
                  });
  }
}

// Bottleneck, grouped, inverted, fused: pointwise work around one spatial convolution.
void AddPointwise(const Span& span, const SpaceOptions& options, Fragments& fragments) {
  const int64_t in = span.in[1], out = span.out[1], stride = span.stride,
                unit = options.channel_multiple;
  const std::string last = Last(span, options), &act = options.activation;
  const auto close = [&](NetworkBuilder& b, const std::string& x, const std::string& y) {
    return b.Activation(span.same_shape() ? b.Add(y, x) : y, last);
  };
  if (out / 2 >= unit) {
    fragments.Add("bottleneck", std::to_string(out / 2),
                  [&](NetworkBuilder& b, const std::string& x) {
                    auto y = b.ConvBn(x, {.out = out / 2, .kernel = 1}, act);
                    y = b.ConvBn(y, {.out = out / 2, .stride = stride}, act);
                    return close(b, x, b.ConvBn(y, {.out = out, .kernel = 1}, ""));
                  });
  }
  if (in % unit == 0 && in / unit >= 2) {
    fragments.Add(
        "grouped", std::to_string(in / unit), [&](NetworkBuilder& b, const std::string& x) {
          const auto y = b.ConvBn(x, {.out = in, .stride = stride, .groups = in / unit}, act);
          return close(b, x, b.ConvBn(y, {.out = out, .kernel = 1}, ""));
        });
  }
  fragments.Add("inverted", "2", [&](NetworkBuilder& b, const std::string& x) {
    auto y = b.ConvBn(x, {.out = 2 * in, .kernel = 1}, act);
    y = b.ConvBn(y, {.out = 2 * in, .stride = stride, .groups = 2 * in}, act);
    return close(b, x, b.ConvBn(y, {.out = out, .kernel = 1}, ""));
  });
  fragments.Add("separable", "", [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = in, .stride = stride, .groups = in}, act);
    return close(b, x, b.ConvBn(y, {.out = out, .kernel = 1}, ""));
  });
  fragments.Add("fused", std::to_string(2 * in), [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = 2 * in, .stride = stride}, act);
    return close(b, x, b.ConvBn(y, {.out = out, .kernel = 1}, ""));
  });
}

}  // namespace

std::vector<Candidate> FreshCandidates(const Span& span, const SpaceOptions& options) {
  constexpr int kLongestPointwise = 3;
  Fragments fragments(span, options);
  if (span.stride > 4) return {};
  AddPlain(span, options, fragments);
  AddMerged(span, options, fragments);
  const bool images =
      span.in[1] < options.channel_multiple;  // pointwise work on three colours is worth nothing
  if (!images && span.stride <= 2 && span.blocks() <= kLongestPointwise)
    AddPointwise(span, options, fragments);
  return std::move(fragments).Take();
}

}  // namespace nacre
