// The measuring child with faults: a network whose metadata has "test.fault" misbehaves as it says
// ("abort", "hang", "eat" while compiling; "late" aborts at the 20th inference; "slow" takes 5 ms).
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "onnx/onnx.h"
#include "target/measure.h"
#include "target/openvino.h"

namespace {

using nacre::CompiledNetwork;
using nacre::CompileOptions;
using nacre::Expected;

class AbortsLate : public CompiledNetwork {
 public:
  explicit AbortsLate(std::unique_ptr<CompiledNetwork> network) : network_(std::move(network)) {}
  Expected<std::vector<nacre::Tensor>> Run(std::span<const nacre::Tensor> inputs) override {
    return network_->Run(inputs);
  }
  void RunOnce() override {
    if (++runs_ == 20) std::abort();
    network_->RunOnce();
  }

 private:
  std::unique_ptr<CompiledNetwork> network_;
  int runs_ = 0;
};

class Slow : public CompiledNetwork {
 public:
  Expected<std::vector<nacre::Tensor>> Run(std::span<const nacre::Tensor>) override {
    return std::vector<nacre::Tensor>();
  }
  void RunOnce() override { usleep(5000); }
};

void EatMemory() {
  std::vector<std::unique_ptr<char[]>> eaten;
  constexpr size_t kPiece = size_t{16} << 20;
  for (int i = 0; i < 512; ++i) {
    eaten.push_back(std::make_unique<char[]>(kPiece));
    std::memset(eaten.back().get(), i + 1, kPiece);
    usleep(2000);
  }
}

Expected<std::unique_ptr<CompiledNetwork>> Compile(const std::string& onnx,
                                                   const CompileOptions& options) {
  NACRE_TRY(const nacre::Network network, nacre::ParseOnnx(onnx));
  const auto found = network.metadata.find("test.fault");
  const std::string fault = found == network.metadata.end() ? "" : found->second;
  if (fault == "abort") std::abort();
  if (fault == "hang") pause();
  if (fault == "eat") EatMemory();
  std::printf("chatter of a library on standard output\n");
  NACRE_TRY(auto compiled, nacre::target_internal::CompileOnnx(onnx, options));
  if (fault == "slow") return std::make_unique<Slow>();
  if (fault == "late") return std::make_unique<AbortsLate>(std::move(compiled));
  return compiled;
}

}  // namespace

int main() { return nacre::ServeMeasurements(0, 1, Compile); }
