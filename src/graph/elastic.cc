#include "graph/elastic.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <stdexcept>

#include "graph/kernel.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

// Falling, the original's first.
std::vector<int64_t> WidthsOf(const ChannelGroup& group, const ElasticOptions& options) {
  int64_t unit = std::max<int64_t>(1, options.multiple);
  for (const EqualParts& equal : group.equal_parts) unit = std::lcm(unit, equal.parts);
  std::vector<int64_t> widths = {group.width};
  const int steps = options.widths - 1;
  for (int k = 1; k <= steps; ++k) {
    const double share = 1 - (1 - options.least) * k / steps;
    const int64_t width =
        std::llround(share * static_cast<double>(group.width) / static_cast<double>(unit)) * unit;
    if (width >= unit && width < widths.back()) widths.push_back(width);
  }
  return widths;
}

// Whether so many channels can be kept and all tensors keep some.
bool CanKeep(const Network& network, const ChannelGroup& group,
             const std::vector<double>& importance, int64_t width) {
  const auto keep = SelectChannels(group, importance, width);
  return keep && KeepChannels(network, group, *keep);
}

void AddWidth(const Network& network, const ChannelGroup& group, const ElasticOptions& options,
              Elasticity& elasticity) {
  if (!group.prunable) return;
  std::vector<int64_t> widths = WidthsOf(group, options);
  const std::vector<double> importance = ChannelImportance(network, group);
  while (widths.size() > 1 && !CanKeep(network, group, importance, widths.back()))
    widths.pop_back();
  if (widths.size() == 1) return;
  elasticity.dimensions.push_back({ElasticDimension::Kind::kWidth, group.name, std::move(widths)});
  elasticity.groups.push_back(group);
  elasticity.importance.push_back(importance);
}

// Everything that read the block's output reads its input.
void Bypass(Network& network, const Block& block) {
  for (Node& node : network.nodes) {
    for (std::string& input : node.inputs) {
      if (input == block.output) input = block.input;
    }
  }
}

bool CanBypass(const Network& network, const Block& block) {
  // Only where an Add couples the channels of input and output are they the same channels.
  if (block.kind != "residual" || !block.trainable || block.input_shape.empty()) return false;
  return block.input_shape == block.output_shape && !network.IsOutput(block.output);
}

void AddKernels(const Network& network, const ElasticOptions& options, Elasticity& elasticity) {
  for (const Node& node : network.nodes) {
    std::vector<int64_t> sizes;
    for (int64_t size = SquareKernel(network, node); size >= options.kernel; size -= 2)
      sizes.push_back(size);
    if (sizes.size() < 2) continue;
    elasticity.dimensions.push_back(
        {ElasticDimension::Kind::kKernel, node.outputs[0], std::move(sizes)});
  }
}

// A convolution that is not there any more stood in a block that is left out.
void CropKernelOf(Network& network, const std::string& output, int64_t size) {
  for (size_t n = 0; n < network.nodes.size(); ++n) {
    if (!network.nodes[n].outputs.empty() && network.nodes[n].outputs[0] == output)
      CropKernel(network, n, size);
  }
}

// Leaves blocks out and crops kernels. True: something has changed.
bool Cut(Network& network, const Elasticity& elasticity, const std::vector<int>& genes) {
  size_t block = 0;
  bool cut = false;
  for (size_t d = 0; d < genes.size(); ++d) {
    const ElasticDimension& dimension = elasticity.dimensions[d];
    const bool is_block = dimension.kind == ElasticDimension::Kind::kDepth;
    if (dimension.kind == ElasticDimension::Kind::kWidth) continue;
    const size_t b = is_block ? block++ : 0;
    if (genes[d] == 0) continue;
    if (is_block) {
      Bypass(network, elasticity.blocks[b]);
    } else {
      CropKernelOf(network, dimension.name, dimension.values[static_cast<size_t>(genes[d])]);
    }
    cut = true;
  }
  return cut;
}

// The values of a group's channels that `genes` keep.
Expected<std::vector<ChannelChoice>> ChoicesOf(const Elasticity& elasticity,
                                               const std::vector<int>& genes) {
  std::vector<ChannelChoice> choices;
  size_t group = 0;
  for (size_t d = 0; d < genes.size(); ++d) {
    const ElasticDimension& dimension = elasticity.dimensions[d];
    if (dimension.kind != ElasticDimension::Kind::kWidth) continue;
    const size_t g = group++;
    if (genes[d] == 0) continue;
    NACRE_TRY(auto keep, SelectChannels(elasticity.groups[g], elasticity.importance[g],
                                        dimension.values[static_cast<size_t>(genes[d])]));
    choices.push_back({elasticity.groups[g], std::move(keep)});
  }
  return choices;
}

void CheckGenes(const Elasticity& elasticity, const std::vector<int>& genes) {
  bool fit = genes.size() == elasticity.dimensions.size();
  for (size_t d = 0; fit && d < genes.size(); ++d) {
    const auto values = static_cast<int>(elasticity.dimensions[d].values.size());
    fit = genes[d] >= 0 && genes[d] < values;
  }
  if (!fit) throw std::logic_error("ExtractSubnet: the genes are not of this elasticity");
}

}  // namespace

std::string Name(ElasticDimension::Kind kind) {
  switch (kind) {
    case ElasticDimension::Kind::kWidth:
      return "width";
    case ElasticDimension::Kind::kDepth:
      return "depth";
    case ElasticDimension::Kind::kKernel:
      break;
  }
  return "kernel";
}

double Elasticity::LogSize() const {
  double log = 0;
  for (const ElasticDimension& dimension : dimensions)
    log += std::log10(static_cast<double>(dimension.values.size()));
  return log;
}

std::vector<int> Elasticity::Smallest() const {
  std::vector<int> genes;
  for (const ElasticDimension& dimension : dimensions)
    genes.push_back(static_cast<int>(dimension.values.size()) - 1);
  return genes;
}

Expected<Elasticity> FindElasticity(const Network& network, const ElasticOptions& options) {
  Elasticity elasticity;
  NACRE_TRY(const std::vector<ChannelGroup> groups, FindChannelGroups(network));
  for (const ChannelGroup& group : groups) AddWidth(network, group, options, elasticity);
  NACRE_TRY(const std::vector<Block> blocks, FindBlocks(network));
  for (const Block& block : blocks) {
    if (!CanBypass(network, block)) continue;
    elasticity.dimensions.push_back({ElasticDimension::Kind::kDepth, block.output, {1, 0}});
    elasticity.blocks.push_back(block);
  }
  AddKernels(network, options, elasticity);
  return elasticity;
}

Expected<Network> ExtractSubnet(const Network& network, const Elasticity& elasticity,
                                const std::vector<int>& genes) {
  CheckGenes(elasticity, genes);
  NACRE_TRY(const auto choices, ChoicesOf(elasticity, genes));
  Network subnet = network;
  if (!choices.empty()) {
    NACRE_TRY(subnet, KeepChannels(network, choices));
  }
  if (!Cut(subnet, elasticity, genes)) return subnet;
  RemoveDead(subnet);
  if (auto shapes = InferShapes(subnet, 1); !shapes)
    return Fail(ErrorKind::kModel, "a block cannot be left out: " + shapes.error().message);
  return subnet;
}

WeightNumbers NumberWeights(const Network& network) {
  std::set<std::string> settings;  // numbers that say how, not what: shapes may depend on them
  for (const Node& node : network.nodes) {
    if (node.op == "Resize" || node.op == "Upsample" || node.op == "Range" || node.op == "Clip" ||
        node.op == "Pad")
      settings.insert(node.inputs.begin(), node.inputs.end());
  }
  WeightNumbers numbers;
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.type() != DataType::kFloat || settings.count(name) > 0) continue;
    numbers.first[name] = numbers.total;
    numbers.total += tensor.count();
  }
  return numbers;
}

// The weights are replaced by their own numbers, and those go the way of the weights. A number
// takes the bytes of a float: nothing computes with it on the way.
Expected<std::map<std::string, std::vector<int64_t>>> SharedElements(
    const Network& network, const Elasticity& elasticity, const std::vector<int>& genes) {
  const WeightNumbers numbers = NumberWeights(network);
  if (numbers.total > INT32_MAX)
    return Fail(ErrorKind::kModel, "the network has more than 2^31 weights");
  Network numbered = network;
  for (const auto& [name, first] : numbers.first) {
    const Tensor& tensor = network.initializers.at(name);
    std::vector<std::byte> bytes(static_cast<size_t>(tensor.count()) * sizeof(int32_t));
    for (int64_t i = 0; i < tensor.count(); ++i) {
      const auto number = static_cast<int32_t>(first + i);
      std::memcpy(bytes.data() + static_cast<size_t>(i) * sizeof number, &number, sizeof number);
    }
    numbered.initializers[name] = Tensor(DataType::kFloat, tensor.shape(), std::move(bytes));
  }
  NACRE_TRY(const Network subnet, ExtractSubnet(numbered, elasticity, genes));
  std::map<std::string, std::vector<int64_t>> elements;
  const WeightNumbers own = NumberWeights(subnet);
  for (const auto& [name, unused] : own.first) {
    const Tensor& tensor = subnet.initializers.at(name);
    std::vector<int64_t>& of = elements[name];
    for (int64_t i = 0; i < tensor.count(); ++i) {
      int32_t number = 0;
      std::memcpy(&number, tensor.bytes().data() + static_cast<size_t>(i) * sizeof number,
                  sizeof number);
      of.push_back(number);
    }
  }
  return elements;
}

}  // namespace nacre
