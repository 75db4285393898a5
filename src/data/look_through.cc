#include "data/look_through.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>

namespace nacre::data_internal {
namespace {

class Reader {
 public:
  explicit Reader(const ImageSet& set) : set_(set), reasons_(set.labels.size()) {}

  // Why images could not be read; empty for the others.
  std::vector<std::string> Run(const std::function<void(double)>& progress) {
    const size_t images = reasons_.size();
    const size_t cores = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < std::min(cores, images); ++i)
      helpers.emplace_back([this] { ReadAll(); });
    const size_t interval = images / 100 + 1;
    size_t reported = 0;
    ReadAll([&] {
      const size_t done = std::min(next_.load(), images);
      if (!progress || done < reported + interval) return;
      reported = done;
      progress(static_cast<double>(done) / static_cast<double>(images));
    });
    helpers.clear();
    if (progress) progress(1.0);
    return std::move(reasons_);
  }

 private:
  void ReadAll(const std::function<void()>& after_each = nullptr) {
    std::vector<uint8_t> pixels(static_cast<size_t>(set_.image_bytes()));
    for (size_t i = next_.fetch_add(1); i < reasons_.size(); i = next_.fetch_add(1)) {
      try {
        const auto read = set_.source->Read(static_cast<int64_t>(i), pixels);
        if (!read) reasons_[i] = read.error().message;
      } catch (const std::bad_alloc&) {
        reasons_[i] =
            set_.source->File(static_cast<int64_t>(i)) + ": not enough memory to decode it";
      }
      if (after_each) after_each();
    }
  }

  const ImageSet& set_;
  std::vector<std::string> reasons_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace

std::vector<std::string> LookThrough(const ImageSet& set,
                                     const std::function<void(double)>& progress) {
  return Reader(set).Run(progress);
}

}  // namespace nacre::data_internal
