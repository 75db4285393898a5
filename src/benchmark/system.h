// A system under test: streams of compiled networks behind LoadGen's two interfaces.
// Private to benchmark/. Thread-safety is LoadGen's: IssueQuery is called by one thread at a time.
#pragma once

#include <query_sample_library.h>
#include <system_under_test.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/expected.h"
#include "graph/tensor.h"
#include "target/target.h"

namespace nacre::benchmark_internal {

// Random images, all in memory from the start; each is [1, ...], in the network's input shape.
class RandomImages : public mlperf::QuerySampleLibrary {
 public:
  RandomImages(Shape one, size_t count);

  const std::string& Name() override { return name_; }
  size_t TotalSampleCount() override { return images_.size(); }
  size_t PerformanceSampleCount() override { return images_.size(); }
  void LoadSamplesToRam(const std::vector<mlperf::QuerySampleIndex>&) override {}
  void UnloadSamplesFromRam(const std::vector<mlperf::QuerySampleIndex>&) override {}

  // The samples as one batch of `batch` images; the last sample is repeated to fill it.
  Tensor Batch(std::span<const mlperf::QuerySample> samples, int64_t batch) const;

 private:
  std::string name_ = "random images";
  std::vector<Tensor> images_;
};

// Answers queries. With `queued` they wait for the streams' threads (Server, Offline, several
// streams); otherwise the issuing thread runs the one network itself, which saves two thread
// switches for each query. After a failure the test runs to its end, and Failure says why its
// result is worthless.
class Streams : public mlperf::SystemUnderTest {
 public:
  Streams(std::vector<std::unique_ptr<CompiledNetwork>> networks, const RandomImages& images,
          int64_t batch, bool queued);
  ~Streams() override;

  const std::string& Name() override { return name_; }
  void IssueQuery(const std::vector<mlperf::QuerySample>& samples) override;
  void FlushQueries() override {}

  // The first error while answering; empty when there was none.
  std::string Failure() const;

 private:
  void Answer(CompiledNetwork& network, std::span<const mlperf::QuerySample> samples);
  void Work(CompiledNetwork& network);

  std::string name_ = "nacre";
  std::vector<std::unique_ptr<CompiledNetwork>> networks_;
  const RandomImages& images_;
  const size_t batch_;
  const bool queued_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<mlperf::QuerySample> waiting_;
  std::string failure_;
  bool closing_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace nacre::benchmark_internal
