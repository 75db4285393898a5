// Target: where and how the network must run. Compiler and CompiledNetwork: the two tiny interfaces
// behind which every compiler hides. OpenVINO lives in this folder and nothing else does.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "graph/network.h"

namespace nacre {

enum class Precision { kInt8, kBf16, kFp32 };

struct Target {
  std::string host;  // [user@]name[:port] of a machine behind SSH; "": this one
  std::string device = "cpu";
  Precision precision = Precision::kInt8;
  int threads = 1;
  int64_t batch = 1;

  // "cpu:int8,threads=1,batch=1", "ssh://host/cpu:int8". Error (kUsage) names the part that is
  // wrong and the forms that are right.
  static Expected<Target> Parse(const std::string& text);
  std::string ToString() const;
};

// What this machine can do; for `doctor`, for environment.json and for fingerprints.
struct MachineInfo {
  std::string cpu, os, compiler;  // compiler: "OpenVINO 2026.4.1-..."
  std::vector<std::string>
      instructions;  // avx2, avx512f, avx512_vnni, avx_vnni, amx_int8, avx512_bf16, amx_bf16
  int cores = 0;     // that this process may use (affinity and cgroup quota)
  Bytes memory;
  std::string governor;  // "" when unknown
  double load = 0;       // one-minute load average
  bool Has(const std::string& instruction) const;
  bool HasBf16() const { return Has("avx512_bf16") || Has("amx_bf16"); }
};
MachineInfo InspectMachine();
// Hash of CPU, instructions, compiler and target: key of everything that was measured.
std::string Fingerprint(const MachineInfo& machine, const Target& target);
// Error (kTarget) when the machine cannot serve the target (bf16 without support, more threads than
// cores).
Expected<void> CheckServes(const MachineInfo& machine, const Target& target);

// One network, compiled. Not thread-safe.
class CompiledNetwork {
 public:
  virtual ~CompiledNetwork() = default;
  // Inputs and outputs in the network's order. Any leading batch if compiled with batch kDynamic.
  virtual Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) = 0;
  // One inference on fixed random inputs, nothing copied; what is timed.
  virtual void RunOnce() = 0;
};

struct CompileOptions {
  Precision precision = Precision::kFp32;  // kInt8 executes QDQ as INT8 and the rest in FP32
  int threads = 1;
  int64_t batch = 1;  // kDynamic: decided at Run
};

class Compiler {
 public:
  virtual ~Compiler() = default;
  // Error (kTarget): the compiler's own message.
  virtual Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network& network,
                                                             const CompileOptions& options) = 0;
  // Writes OpenVINO IR (<stem>.xml, <stem>.bin).
  virtual Expected<void> Export(const Network& network, const std::string& stem) = 0;
};

std::unique_ptr<Compiler> MakeOpenVinoCompiler();

}  // namespace nacre
