// Target: where and how the network must run. Compiler and CompiledNetwork: the two small
// interfaces that hide every compiler. OpenVINO is used in this room and in no other.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "graph/network.h"

namespace nacre {

enum class Precision { kInt8, kBf16, kFp32 };
std::string PrecisionName(Precision precision);  // "int8", "bf16" or "fp32"
// Nothing when `name` is not one of those three.
std::optional<Precision> ParsePrecision(std::string_view name);

struct Target {
  std::string host;  // [user@]name[:port] of a machine behind SSH; empty: this machine
  std::string device = "cpu";
  Precision precision = Precision::kInt8;
  int threads = 1;    // of one inference
  int64_t batch = 1;  // images of one inference

  // Reads "cpu:int8,threads=1,batch=1" or "ssh://host/cpu:int8"; what is left out keeps its
  // default. Error (kUsage) names the part that is wrong and the forms that are right.
  static Expected<Target> Parse(const std::string& text);
  // Parse reads the result back to the same target.
  std::string ToString() const;
};

// What a machine can do; for `nacre doctor`, environment.json and fingerprints.
struct MachineInfo {
  std::string cpu, os, compiler;  // compiler: "OpenVINO 2026.4.1-..."
  // Of avx2, avx512f, avx512_vnni, avx_vnni, amx_int8, avx512_bf16, amx_bf16 those that it has.
  std::vector<std::string> instructions;
  int cores = 0;         // that this process may use (affinity and cgroup quota)
  Bytes memory;          // that this process may use (cgroup limit)
  std::string governor;  // of the CPU's frequency; empty when unknown
  double load = 0;       // one-minute load average
  bool Has(const std::string& instruction) const;
  bool HasBf16() const { return Has("avx512_bf16") || Has("amx_bf16"); }
};
// This machine. Thread-safe.
MachineInfo InspectMachine();
// Hash of CPU, instructions, compiler and target: the key of everything that was measured.
std::string Fingerprint(const MachineInfo& machine, const Target& target);
// Error (kTarget) when the machine cannot serve the target (bf16 without support, more threads than
// cores).
Expected<void> CheckServes(const MachineInfo& machine, const Target& target);

// One network, compiled. Not thread-safe.
class CompiledNetwork {
 public:
  virtual ~CompiledNetwork() = default;
  // Inputs and outputs are in the network's order. Any leading batch is allowed if it was compiled
  // with batch kDynamic. Error (kTarget): the compiler's own message.
  virtual Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) = 0;
  // One inference on fixed random inputs, without copies. This is what is timed.
  virtual void RunOnce() = 0;
};

struct CompileOptions {
  // kInt8 executes QDQ as INT8 and everything else in FP32.
  Precision precision = Precision::kFp32;
  int threads = 1;
  int64_t batch = 1;  // kDynamic: decided at Run
};

// Thread-safe.
class Compiler {
 public:
  virtual ~Compiler() = default;
  // Error (kTarget): the compiler's own message.
  virtual Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network& network,
                                                             const CompileOptions& options) = 0;
  // Writes the compiler's own files; OpenVINO's are <stem>.xml and <stem>.bin. Error (kTarget), and
  // then no file is left.
  virtual Expected<void> Export(const Network& network, const std::string& stem) = 0;
};

std::unique_ptr<Compiler> MakeOpenVinoCompiler();

}  // namespace nacre
