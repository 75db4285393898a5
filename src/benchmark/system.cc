#include "benchmark/system.h"

#include <loadgen.h>

#include <algorithm>

#include "base/random.h"

namespace nacre::benchmark_internal {

RandomImages::RandomImages(Shape one, size_t count) {
  Random random(1);
  for (size_t i = 0; i < count; ++i) {
    std::vector<float> pixels(static_cast<size_t>(ElementCount(one)));
    for (float& pixel : pixels) pixel = static_cast<float>(random.Normal());
    images_.push_back(Tensor::Floats(one, pixels));
  }
}

Tensor RandomImages::Batch(std::span<const mlperf::QuerySample> samples, int64_t batch) const {
  if (batch == 1) return images_[samples[0].index];
  Shape shape = images_[0].shape();
  shape[0] = batch;
  std::vector<float> pixels;
  pixels.reserve(static_cast<size_t>(ElementCount(shape)));
  for (size_t i = 0; i < static_cast<size_t>(batch); ++i) {
    const auto image = images_[samples[std::min(i, samples.size() - 1)].index].floats();
    pixels.insert(pixels.end(), image.begin(), image.end());
  }
  return Tensor::Floats(shape, pixels);
}

Streams::Streams(std::vector<std::unique_ptr<CompiledNetwork>> networks, const RandomImages& images,
                 int64_t batch, bool queued)
    : networks_(std::move(networks)),
      images_(images),
      batch_(static_cast<size_t>(batch)),
      queued_(queued) {
  if (!queued_) return;
  for (const auto& network : networks_) workers_.emplace_back([this, &network] { Work(*network); });
}

Streams::~Streams() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

std::string Streams::Failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Streams::Answer(CompiledNetwork& network, std::span<const mlperf::QuerySample> samples) {
  const Tensor input = images_.Batch(samples, static_cast<int64_t>(batch_));
  const auto outputs = network.Run(std::span(&input, 1));
  if (!outputs) {
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) failure_ = outputs.error().message;
  }
  // A failed query gets an empty answer, because LoadGen would wait for it forever. (Its AbortTest
  // does not end a run in which queries are still to come.) The answer is delayed where it triggers
  // the next query; millions of queries would be logged otherwise.
  if (!outputs && !queued_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::vector<mlperf::QuerySampleResponse> responses;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (!outputs) {
      responses.emplace_back(samples[i].id, 0, 0);
      continue;
    }
    const auto bytes = outputs->at(0).bytes();
    const size_t size = bytes.size() / batch_;
    responses.emplace_back(samples[i].id, reinterpret_cast<uintptr_t>(bytes.data() + i * size),
                           size);
  }
  mlperf::QuerySamplesComplete(responses.data(), responses.size());
}

void Streams::IssueQuery(const std::vector<mlperf::QuerySample>& samples) {
  if (queued_) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.insert(waiting_.end(), samples.begin(), samples.end());
    }
    if (samples.size() == 1)
      wake_.notify_one();
    else
      wake_.notify_all();
    return;
  }
  for (size_t begin = 0; begin < samples.size(); begin += batch_) {
    Answer(*networks_[0],
           std::span(samples).subspan(begin, std::min(batch_, samples.size() - begin)));
  }
}

void Streams::Work(CompiledNetwork& network) {
  std::vector<mlperf::QuerySample> taken;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const auto end =
          waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(batch_, waiting_.size()));
      taken.assign(waiting_.begin(), end);
      waiting_.erase(waiting_.begin(), end);
    }
    Answer(network, taken);
  }
}

}  // namespace nacre::benchmark_internal
