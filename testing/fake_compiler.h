// A compiler that compiles nothing: each inference of its networks advances a FakeClock by a
// latency that the test gives.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "target/target.h"
#include "testing/fake_clock.h"

namespace nacre {

class FakeCompiledNetwork : public CompiledNetwork {
 public:
  // `latency` is called at every inference and may look at the clock (drift) or draw (noise).
  FakeCompiledNetwork(FakeClock& clock, std::function<Latency()> latency)
      : clock_(clock), latency_(std::move(latency)) {}

  // Returns the inputs.
  Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
    RunOnce();
    return std::vector<Tensor>(inputs.begin(), inputs.end());
  }
  void RunOnce() override {
    clock_.Advance(latency_());
    ++runs_;
  }
  int64_t runs() const { return runs_; }

 private:
  FakeClock& clock_;
  std::function<Latency()> latency_;
  int64_t runs_ = 0;
};

class FakeCompiler : public Compiler {
 public:
  // The latency of a network; Compile returns its error.
  using Cost = std::function<Expected<Latency>(const Network&, const CompileOptions&)>;
  FakeCompiler(FakeClock& clock, Cost cost) : clock_(clock), cost_(std::move(cost)) {}

  Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network& network,
                                                     const CompileOptions& options) override {
    NACRE_TRY(const Latency latency, cost_(network, options));
    return std::make_unique<FakeCompiledNetwork>(clock_, [latency] { return latency; });
  }
  Expected<void> Export(const Network&, const std::string& stem) override {
    exported.push_back(stem);
    return {};
  }

  std::vector<std::string> exported;

 private:
  FakeClock& clock_;
  Cost cost_;
};

}  // namespace nacre
