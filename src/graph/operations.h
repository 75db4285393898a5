// What nacre knows of each ONNX operation, one row an operation (operations.cc). The meaning is
// that of opset 17; onnx/ converts from and to other opsets. Every room asks this table instead of
// comparing names.
//
// To add an operation: a row in operations.cc, a shape rule in the shapes_*.cc of its family (the
// operation is then understood: see IsUnderstood), an upgrade rule in onnx/ when its meaning
// changed between opsets 11 and 21, and a lowering in train/operators_*.cc when it can be trained.
// Tests fail while the row and the rules disagree.
//
// Thread-safe: the table is constant.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// What the operation is to blocks and to the count of multiply-accumulates.
enum class OperationKind { kOther, kConvolution, kTransposedConvolution, kLinear, kPooling };

// How the channels (axis 1) of the output depend on those of the inputs: which rule follows them
// when channel groups are found (channels.h).
enum class ChannelCoupling {
  kMixes,        // no output channel belongs to one input channel: the channels cannot be followed
  kPasses,       // output channel c is input channel c
  kBroadcasts,   // as kPasses, for any number of inputs that are broadcast against each other
  kPerChannel,   // as kPasses; the further inputs hold one number per channel
  kConvolution,  // a weight whose axes 0 and 1 are output and input channels (or the reverse)
  kLinear,       // a matrix from input to output channels
  kConcat,
  kSplit,
  kSlice,
  kPad,
  kFlatten,
  kReshape,
  kResize,
  kTranspose,  // passes when batch and channels stay where they are
  kOverAxis,   // passes when attribute `axis` lies behind the channels
  kBlocks,     // channels move into the image in blocks, or the other way
  kAxes        // passes when all axes that are removed, added or reduced lie behind the channels
};

// What INT8 quantisation does with the operation.
enum class Quantization {
  kFloat,     // stays in float
  kWeighted,  // 8-bit weights, and an 8-bit input
  kSum,       // 8-bit inputs on both sides, where an INT8 operation feeds one of them
  kAverages,  // an 8-bit input, where an INT8 operation feeds it
  kFused,     // the compiler fuses it into the INT8 operation before it
  kMoves      // every output element is an input element or zero, so that 8 bits pass unchanged
};

// Activation functions, by what the search does with them.
enum class ActivationClass {
  kNone,
  kFast,  // stays
  kSlow,  // is replaced by the activation that the target runs fast
  kGate   // x * gate(x) is a slow activation (SiLU, HardSwish)
};

// How training treats an initializer that stands at an input.
enum class ParameterRole {
  kConstant,  // not trained
  kWeight,    // trained, with weight decay when it has more than one axis
  kVector,    // trained, without weight decay
  kStatistic  // follows the data: running mean and variance
};

struct OperationTraits {
  const char* op = "";  // ONNX operator type; "" in the row of unknown operations
  OperationKind kind = OperationKind::kOther;
  ChannelCoupling channels = ChannelCoupling::kMixes;
  Quantization quantization = Quantization::kFloat;
  ActivationClass activation = ActivationClass::kNone;
  std::array<ParameterRole, 5> roles = {};  // of initializers at inputs 0 to 4
  bool has_gradient = true;  // false: none flows to its input, so that nothing before it learns
  // train/ has a lowering of it, so that a network with it can be run and trained there. Blocks,
  // cut points and the trainer all go by this.
  bool trainable = true;
  bool overwritable = false;  // its result is a fresh tensor that its own gradient does not need
  bool in_place = false;      // may write its result over an input of the same size
  bool non_negative = false;  // its result is never below zero, whatever the input
  bool configured_by_inputs =
      false;  // its float constants are settings (limits, scales), not weights
};

// The row of an operation of the default domain; for an operation that is in no row, one that says
// so: op "", channels mixed, float, no gradient, not trainable. Says nothing of settings that make
// one node opaque: ask Node::opaque() first.
const OperationTraits& TraitsOf(const std::string& op);

// All rows.
std::span<const OperationTraits> KnownOperations();

// Whether an operation of the default domain has a shape rule here.
bool IsUnderstood(const std::string& op);

// All of them, sorted.
std::vector<std::string> UnderstoodOperations();

// Empty when `node` is understood as it stands; else one sentence that says why it must be frozen:
// another domain, an unknown operation, or a setting of a known one that is outside opset 17 or of
// no use in inference (batch-norm in training mode, sparse constants, blocked quantisation, axes of
// Pad or ReduceMean as an input, ...).
std::string WhyNotUnderstood(const Node& node);

}  // namespace nacre
