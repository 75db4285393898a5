#include "benchmark/throughput.h"

#include <barrier>
#include <thread>

#include "target/statistics.h"

namespace nacre {

double ImagesPerSecond(const std::vector<std::unique_ptr<CompiledNetwork>>& streams, int64_t batch,
                       Seconds slice) {
  const Clock& clock = SteadyClock();
  std::barrier start(static_cast<std::ptrdiff_t>(streams.size()));
  std::vector<double> rates(streams.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < streams.size(); ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const Seconds begin = clock.Now();
      int64_t runs = 0;
      Seconds now = begin;
      // An inference that is running at the end is finished and counted with its time.
      while (now - begin < slice) {
        streams[i]->RunOnce();
        ++runs;
        now = clock.Now();
      }
      rates[i] = static_cast<double>(runs * batch) / (now - begin).count();
    });
  }
  for (std::thread& thread : threads) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

Expected<std::vector<std::unique_ptr<CompiledNetwork>>> CompileStreams(
    Compiler& compiler, const Network& network, const CompileOptions& options, int streams) {
  std::vector<std::unique_ptr<CompiledNetwork>> networks;
  for (int stream = 0; stream < streams; ++stream) {
    NACRE_TRY(auto compiled, compiler.Compile(network, options));
    networks.push_back(std::move(compiled));
  }
  return networks;
}

Expected<std::vector<Throughput>> MeasureThroughput(Compiler& compiler,
                                                    const std::vector<ThroughputJob>& jobs,
                                                    const ThroughputOptions& options) {
  std::vector<std::vector<std::unique_ptr<CompiledNetwork>>> compiled;
  for (const ThroughputJob& job : jobs) {
    NACRE_TRY(auto streams, CompileStreams(compiler, job.network, job.compile, job.streams));
    ImagesPerSecond(streams, job.compile.batch, 0.25 * options.slice);  // warm-up
    compiled.push_back(std::move(streams));
  }
  std::vector<std::vector<double>> rates(jobs.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      rates[i].push_back(ImagesPerSecond(compiled[i], jobs[i].compile.batch, options.slice));
    }
  }
  std::vector<Throughput> results;
  for (const std::vector<double>& own : rates) {
    std::vector<double> ratios;
    for (size_t round = 0; round < own.size(); ++round)
      ratios.push_back(own[round] / rates[0][round]);
    const Interval interval = MedianInterval(own), ratio = MedianInterval(ratios);
    results.push_back(
        {Median(own), interval.low, interval.high, {Median(ratios), ratio.low, ratio.high}});
  }
  return results;
}

}  // namespace nacre
