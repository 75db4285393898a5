// Real networks and the small cases in shared/: a batch of two gives what two batches of one give,
// and channels that nothing reads can be dropped without a trace. Skipped where shared/ is not
// there.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "graph/channels.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "tests/train_lower_cases.h"
#include "train/convert.h"
#include "train/module.h"

namespace nacre::train_internal {
namespace {

namespace fs = std::filesystem;

// Largest file of the zoo that is run: keeps the test short.
constexpr uintmax_t kLargestFile = 20'000'000;

std::vector<fs::path> FilesOf(const std::string& folder) {
  const char* given = std::getenv("NACRE_SHARED");
  const fs::path shared = given != nullptr ? given : NACRE_SOURCE_DIR "/../shared";
  std::vector<fs::path> files;
  if (!fs::exists(shared / folder)) return files;
  for (const auto& entry : fs::directory_iterator(shared / folder)) {
    if (entry.path().extension() == ".onnx" && entry.file_size() < kLargestFile) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Loaded {
  std::string name;
  Network network;
};

// Those that are understood as a whole and have one input.
std::vector<Loaded> Load(const std::vector<fs::path>& files) {
  std::vector<Loaded> networks;
  for (const fs::path& file : files) {
    const auto network = ReadOnnx(file);
    if (!network || network->inputs.size() != 1) continue;
    const bool whole = std::none_of(network->nodes.begin(), network->nodes.end(),
                                    [](const Node& node) { return node.opaque(); });
    if (whole) networks.push_back({file.stem().string(), *network});
  }
  return networks;
}

// `batch` random images; open dimensions are 64.
at::Tensor Images(const Value& input, int64_t batch) {
  Shape shape = input.shape;
  for (int64_t& size : shape) size = size < 0 ? 64 : size;
  shape[0] = batch;
  const at::Tensor x = ToTorch(RandomTensor(shape, 5));
  return input.type == DataType::kFloat ? x : (x.abs() * 60).to(TorchType(input.type));
}

std::vector<at::Tensor> Outputs(const Network& network, const at::Tensor& images) {
  LowerOptions options;
  for (const Value& output : network.outputs) options.keep.insert(output.name);
  const auto module = Module::Lower(network, options);
  if (!module) throw std::runtime_error(module.error().message);
  const at::NoGradGuard no_grad;
  Frame frame = module->NewFrame({});
  frame.values[module->InputSlot()] = images;
  std::vector<int> slots;
  for (const Value& output : network.outputs) slots.push_back(module->Slot(output.name));
  module->Run(frame, module->OperationsTo(slots));
  std::vector<at::Tensor> outputs;
  for (const int slot : slots) outputs.push_back(frame.values[slot].to(at::kDouble));
  return outputs;
}

// Largest difference, as a share of the largest number.
double Difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.numel() == 0) return 0;
  const double scale = std::max(1e-6, b.abs().max().item<double>());
  return (a - b).abs().max().item<double>() / scale;
}

// What is rounded to 8 bits may fall to either side of a step.
bool Rounds(const Network& network) {
  return std::any_of(network.nodes.begin(), network.nodes.end(),
                     [](const Node& node) { return node.op == "QuantizeLinear"; });
}

void ExpectIndependentItems(const Loaded& loaded) {
  const double tolerance = Rounds(loaded.network) ? 2e-2 : 1e-5;
  const at::Tensor two = Images(loaded.network.inputs[0], 2);
  const std::vector<at::Tensor> first = Outputs(loaded.network, two.narrow(0, 0, 1)),
                                second = Outputs(loaded.network, two.narrow(0, 1, 1)),
                                both = Outputs(loaded.network, two);
  for (size_t i = 0; i < both.size(); ++i) {
    const at::Tensor joined = at::cat({first[i], second[i]}, 0);
    ASSERT_EQ(both[i].sizes().vec(), joined.sizes().vec()) << "output " << i;
    EXPECT_LT(Difference(both[i], joined), tolerance) << "output " << i;
  }
}

TEST(RealNetworks, TakeAnyBatch) {
  std::vector<Loaded> networks = Load(FilesOf("cases/onnx"));
  for (Loaded& loaded : Load(FilesOf("models/zoo"))) networks.push_back(std::move(loaded));
  if (networks.empty()) GTEST_SKIP() << "no networks in shared/";
  for (const Loaded& loaded : networks) {
    SCOPED_TRACE(loaded.name);
    ASSERT_NO_THROW(ExpectIndependentItems(loaded));
  }
  std::cout << networks.size() << " networks\n";
}

// The numbers of `tensor` that only the dropped channels of `slice` are multiplied by become zero.
Tensor Silenced(const Tensor& tensor, const ChannelSlice& slice, const std::vector<bool>& dropped) {
  at::Tensor values = ToTorch(tensor);
  const int64_t run = slice.count / slice.parts, rows = values.size(0) / slice.parts;
  for (int64_t c = 0; c < slice.count; ++c) {
    if (!dropped[static_cast<size_t>(slice.first + c)]) continue;
    if (slice.parts > 1) {
      values.narrow(0, c / run * rows, rows)
          .narrow(1, c % run * slice.repeat, slice.repeat)
          .zero_();
    } else {
      values.narrow(slice.axis, slice.offset + c * slice.repeat, slice.repeat).zero_();
    }
  }
  return FromTorch(values);
}

// Drops the least important fifth of each group's channels, at least one; none where a grouped
// convolution forbids it.
std::vector<ChannelChoice> Choices(const Network& network,
                                   const std::vector<ChannelGroup>& groups) {
  std::vector<ChannelChoice> choices;
  for (const ChannelGroup& group : groups) {
    if (!group.prunable || group.consumers.empty()) continue;
    const int64_t most = group.width - std::max<int64_t>(1, group.width / 5);
    for (int64_t width = most; width > 0; --width) {
      const auto keep = SelectChannels(group, ChannelImportance(network, group), width);
      if (!keep || !KeepChannels(network, group, *keep)) continue;
      choices.push_back({group, *keep});
      break;
    }
  }
  return choices;
}

void ExpectExactRemoval(Network network, const std::vector<ChannelChoice>& choices) {
  for (const ChannelChoice& choice : choices) {
    std::vector<bool> dropped(static_cast<size_t>(choice.group.width), true);
    for (const int64_t channel : choice.keep) dropped[static_cast<size_t>(channel)] = false;
    for (const ChannelSlice& slice : choice.group.consumers) {
      Tensor& tensor = network.initializers.at(slice.value);
      tensor = Silenced(tensor, slice, dropped);
    }
  }
  const auto smaller = KeepChannels(network, choices);
  ASSERT_TRUE(smaller) << smaller.error().message;
  const at::Tensor images = Images(network.inputs[0], 1);
  const auto before = Outputs(network, images), after = Outputs(*smaller, images);
  for (size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(after[i].sizes().vec(), before[i].sizes().vec());
    EXPECT_LT(Difference(after[i], before[i]), 1e-5) << "output " << i;
  }
}

// Group by group in the small cases, and all groups at once in the others.
void ExpectExactRemovals(const std::vector<Loaded>& networks, bool each, size_t least) {
  size_t count = 0;
  for (const Loaded& loaded : networks) {
    SCOPED_TRACE(loaded.name);
    const auto groups = FindChannelGroups(loaded.network);
    ASSERT_TRUE(groups) << groups.error().message;
    const auto choices = Choices(loaded.network, *groups);
    count += choices.size();
    if (!each) {
      ASSERT_NO_THROW(ExpectExactRemoval(loaded.network, choices));
      continue;
    }
    for (const ChannelChoice& choice : choices) {
      SCOPED_TRACE(choice.group.name);
      ASSERT_NO_THROW(ExpectExactRemoval(loaded.network, {choice}));
    }
  }
  EXPECT_GE(count, least);
  std::cout << count << " groups of " << networks.size() << " networks\n";
}

TEST(RealNetworks, SmallCasesLoseChannelsWithoutATrace) {
  const std::vector<Loaded> networks = Load(FilesOf("cases/onnx"));
  if (networks.empty()) GTEST_SKIP() << "no networks in shared/";
  ExpectExactRemovals(networks, true, 20);
}

TEST(RealNetworks, LoseChannelsWithoutATrace) {
  const std::vector<Loaded> networks = Load(FilesOf("models/zoo"));
  if (networks.empty()) GTEST_SKIP() << "no networks in shared/";
  ExpectExactRemovals(networks, false, 100);
}

}  // namespace
}  // namespace nacre::train_internal
