#include "train/ridge_start.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <utility>

#include "train/borrow_filters.h"
#include "train/convert.h"

namespace nacre::train_internal {
namespace {

// Guesses. More features than the most would take longer to solve for than to learn.
constexpr int64_t kMostFeatures = 2304;  // a 3x3 convolution of 256 channels
constexpr int64_t kRowsPerFeature = 6;
constexpr int64_t kLeastRows = 4096;
constexpr int64_t kMostBytes = int64_t{1} << 26;  // of the features of some images, all positions

bool IsActivation(const std::string& op) {
  static const std::array kinds = {"Relu", "Clip", "LeakyRelu", "PRelu", "HardSwish", "Elu"};
  return std::any_of(kinds.begin(), kinds.end(), [&](const char* kind) { return op == kind; });
}

const Node* Maker(const Network& network, const std::string& value) {
  const auto producer = network.Producer(value);
  return producer ? &network.nodes[*producer] : nullptr;
}

struct Geometry {
  std::vector<int64_t> kernel, stride, padding, dilation;
};

// Nothing where torch's unfold cannot say it.
std::optional<Geometry> GeometryOf(const Network& network, const Node& conv) {
  const Tensor* weight = conv.inputs.size() > 1 ? network.Initializer(conv.inputs[1]) : nullptr;
  if (conv.op != "Conv" || weight == nullptr || weight->shape().size() != 4) return std::nullopt;
  const std::vector<int64_t> pads = conv.Ints("pads", {0, 0, 0, 0});
  if (pads[0] != pads[2] || pads[1] != pads[3]) return std::nullopt;
  if (conv.String("auto_pad", "NOTSET") != "NOTSET") return std::nullopt;
  return Geometry{{weight->shape()[2], weight->shape()[3]},
                  conv.Ints("strides", {1, 1}),
                  {pads[0], pads[1]},
                  conv.Ints("dilations", {1, 1})};
}

// [rows, features] and [rows, outputs] of evenly spread positions of all images: at most `most`.
std::pair<at::Tensor, at::Tensor> Rows(const at::Tensor& input, const at::Tensor& wanted,
                                       const Geometry& geometry, int64_t most) {
  const int64_t positions = wanted.size(2) * wanted.size(3), images = input.size(0);
  const int64_t features = input.size(1) * geometry.kernel[0] * geometry.kernel[1];
  const int64_t each = std::clamp<int64_t>(most / images, 1, positions);
  const at::Tensor places =
      at::linspace(0, static_cast<double>(positions - 1), each).round().to(at::kLong);
  const int64_t bytes = positions * features * static_cast<int64_t>(sizeof(float));
  const int64_t at_once = std::max<int64_t>(1, kMostBytes / std::max<int64_t>(1, bytes));
  std::vector<at::Tensor> xs, ys;
  for (int64_t begin = 0; begin < images; begin += at_once) {
    const int64_t count = std::min(at_once, images - begin);
    const auto rows_of = [&](const at::Tensor& columns) {  // [count, features, positions]
      return columns.index_select(2, places).transpose(1, 2).reshape({-1, columns.size(1)});
    };
    xs.push_back(rows_of(at::im2col(input.narrow(0, begin, count).contiguous(), geometry.kernel,
                                    geometry.dilation, geometry.padding, geometry.stride)));
    ys.push_back(rows_of(wanted.narrow(0, begin, count).flatten(2)));
  }
  return {at::cat(xs), at::cat(ys)};
}

// Whether all of these are initializers that nobody else reads: what is solved for here would
// change what others compute.
bool AreOwn(const Network& network, std::span<const std::string> names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    int64_t readers = 0;
    for (const Node& node : network.nodes)
      readers += std::count(node.inputs.begin(), node.inputs.end(), name);
    return network.Initializer(name) != nullptr && readers == 1;
  });
}

// Whether the convolution and its batch-norm can be solved for.
bool CanBeSolved(const Network& network, const Node& conv, const Node& norm) {
  return conv.Int("group", 1) == 1 && GeometryOf(network, conv) &&
         AreOwn(network, std::span(conv.inputs).subspan(1)) &&
         AreOwn(network, std::span(norm.inputs).subspan(1));
}

void Put(Network& network, const std::string& name, const at::Tensor& values) {
  network.initializers[name] =
      FromTorch(values.to(at::kFloat).reshape(network.initializers.at(name).shape()).contiguous());
}

}  // namespace

std::string BeforeActivation(const Network& network, const std::string& value) {
  const Node* node = Maker(network, value);
  return node != nullptr && IsActivation(node->op) ? node->inputs[0] : value;
}

RidgeStart::RidgeStart(const Network& fragment, std::string sum, std::vector<Branch> branches)
    : original_(&fragment),
      fragment_(fragment),
      sum_(std::move(sum)),
      branches_(std::move(branches)) {}

std::optional<RidgeStart> RidgeStart::For(const Network& teacher, const SpanJob& job) {
  const Network& fragment = job.fragment;
  const std::string& output = fragment.outputs[0].name;
  const std::string sum = BeforeActivation(fragment, output);
  const bool activated = sum != output;
  if (activated != (BeforeActivation(teacher, job.output) != job.output)) return std::nullopt;
  const Node* last = Maker(fragment, sum);
  if (last == nullptr) return std::nullopt;
  const bool adds = last->op == "Add";
  std::vector<Branch> branches;
  for (const std::string& side : adds ? last->inputs : std::vector<std::string>{sum}) {
    const auto norm = fragment.Producer(side);
    if (!norm || fragment.nodes[*norm].op != "BatchNormalization") continue;
    const auto conv = fragment.Producer(fragment.nodes[*norm].inputs[0]);
    if (conv && CanBeSolved(fragment, fragment.nodes[*conv], fragment.nodes[*norm]))
      branches.push_back({*conv, *norm});
  }
  RidgeStart start(fragment, sum, branches);
  std::erase_if(start.branches_,
                [&](const Branch& each) { return start.FeaturesOf(each) > kMostFeatures; });
  if (start.branches_.empty()) return std::nullopt;
  BorrowFilters(teacher, job, start.fragment_);
  // The shortcut first: its convolution is the smaller one.
  std::stable_sort(
      start.branches_.begin(), start.branches_.end(),
      [&](const Branch& a, const Branch& b) { return start.FeaturesOf(a) < start.FeaturesOf(b); });
  return start;
}

int64_t RidgeStart::FeaturesOf(const Branch& branch) const {
  const Node& conv = fragment_.nodes[branch.convolution];
  const auto& shape = fragment_.initializers.at(conv.inputs[1]).shape();
  return shape[1] * shape[2] * shape[3];
}

void RidgeStart::Begin(size_t pass) {
  pass_ = pass;
  ridge_ = Ridge();
  const Branch& branch = branches_[pass];
  const LowerOptions lower{.keep = {fragment_.nodes[branch.convolution].inputs[0],
                                    fragment_.nodes[branch.norm].outputs[0], sum_}};
  auto module = Module::Lower(fragment_, lower);
  if (!module) throw std::runtime_error(module.error().message);
  module_.emplace(std::move(*module));
}

bool RidgeStart::WantsMore() const {
  return ridge_.rows() < std::max(kLeastRows, kRowsPerFeature * FeaturesOf(branches_[pass_]));
}

void RidgeStart::Add(const at::Tensor& x, const at::Tensor& target) {
  const at::NoGradGuard no_grad;
  const Branch& branch = branches_[pass_];
  const Node& conv = fragment_.nodes[branch.convolution];
  Frame frame = module_->NewFrame({.training = true});
  frame.values[module_->InputSlot()] = x;
  module_->Run(frame, module_->OperationsTo({module_->OutputSlot(), module_->Slot(sum_)}));
  const auto value = [&](const std::string& name) -> const at::Tensor& {
    return frame.values[static_cast<size_t>(module_->Slot(name))];
  };
  const at::Tensor& own = value(fragment_.nodes[branch.norm].outputs[0]);
  if (own.sizes() != target.sizes())
    throw std::runtime_error("the candidate's output has another shape than the span's");
  // What the other side of the addition gives is not this convolution's to make.
  const at::Tensor wanted = target - (value(sum_) - own);
  const int64_t rows = std::max(kLeastRows, kRowsPerFeature * FeaturesOf(branch));
  const auto [features, outputs] =
      Rows(value(conv.inputs[0]), wanted, *GeometryOf(fragment_, conv), rows);
  ridge_.Add(features, outputs);
}

void RidgeStart::End() {
  const Branch& branch = branches_[pass_];
  module_.reset();
  if (ridge_.rows() < 2 * FeaturesOf(branch)) return;  // too few for that many weights
  const at::Tensor solved = ridge_.Solve();
  const auto [mean, variance] = ridge_.MomentsOf(solved);
  const int64_t features = solved.size(0) - 1;
  const Node& conv = fragment_.nodes[branch.convolution];
  const Node& norm = fragment_.nodes[branch.norm];
  Put(fragment_, conv.inputs[1], solved.narrow(0, 0, features).t());
  // The convolution's own bias, where it has one, cancels out.
  if (conv.inputs.size() > 2) Put(fragment_, conv.inputs[2], at::zeros_like(mean));
  const double epsilon = norm.Float("epsilon", 1e-5F);
  Put(fragment_, norm.inputs[1], (variance + epsilon).sqrt());
  Put(fragment_, norm.inputs[2], solved.select(0, features) + mean);
  Put(fragment_, norm.inputs[3], mean);
  Put(fragment_, norm.inputs[4], variance);
}

Network RidgeStart::Better(const at::Tensor& x, const at::Tensor& output) const {
  const at::NoGradGuard no_grad;
  const auto error = [&](const Network& network) {
    const auto module = Module::Lower(network);
    if (!module) throw std::runtime_error(module.error().message);
    return (module->Forward(x, {.training = true}) - output).square().sum().item<double>();
  };
  return error(fragment_) < error(*original_) ? fragment_ : *original_;
}

}  // namespace nacre::train_internal
