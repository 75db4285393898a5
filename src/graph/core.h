// The core: the part of a network that nacre measures, trains and rebuilds, in a normal form, and
// how a rebuilt core becomes a drop-in for the file that it came from.
//
// Files differ at their ends: channels last, uint8 images with a Cast in front, half precision, a
// Softmax, an ArgMax, boxes that are decoded and sorted, several outputs. The core begins at the
// first float tensor of images, [N, C, H, W], and ends at the last tensors that can be worked on.
// What lies before it (the prologue) and behind it (the tail) is kept verbatim.
//
// All functions are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre {

struct CoreOptions {
  // Name of the output that classifies; empty: the only one that can.
  std::string output;
  // Of the images, where the file leaves them open; 0: as the file says.
  int64_t height = 0, width = 0;
  // The core ends where the weights do, at what a detector's heads answer: boxes that are decoded,
  // suppressed and sorted are tail. Nothing classifies then, and `outputs` are all answers.
  bool heads = false;
  // The core holds only operations that can be trained; else all that a compiler runs.
  bool only_trainable = true;
  // A quantized network goes on from its dequantized weights; else it stays quantized.
  bool dequantize = true;
};

// How the file wants its images.
struct InputForm {
  std::string name;
  DataType type = DataType::kFloat;
  bool channels_last = false;  // [N, H, W, C]
};

struct Core {
  // One float input [N, C, H, W]. When something classifies, outputs[0] is [N, classes] logits,
  // before any Softmax; the other outputs are what the tail reads, or outputs of the file.
  Network network;
  InputForm input;
  int64_t classes = 0;             // columns of outputs[0]; 0: nothing classifies
  std::vector<std::string> notes;  // what was left out of the core and why, for people

  // The network is the file's, as it is: prologue and tail are empty.
  bool whole = false;
  // Prologue, then tail, with what joins them to the core; inputs and outputs are the file's.
  Network rest;
  size_t prologue = 0;  // nodes of `rest` that come before the core
};

// Errors (kModel) say what the obstacle is and what to do: no input takes images, or several could;
// no output has the given name, or it cannot be reached, with the operation in the way; nothing
// between input and output can be worked on.
Expected<Core> FindCore(const Network& original, const CoreOptions& options = {});

// The tail as a network of its own, from the outputs of the core to those of the file; without
// nodes where there is no tail. Error (kModel): it reads more than the core's outputs.
Expected<Network> TailOf(const Core& core);

// The file's network with `replacement`, which has the inputs and outputs of `core.network`, in
// place of the core. Throws std::logic_error when they differ.
Network Embed(const Core& core, const Network& replacement);

}  // namespace nacre
