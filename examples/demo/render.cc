#include "examples/demo/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "base/random.h"
#include "data/png_bytes.h"
#include "examples/demo/scene.h"
#include "examples/demo/shapes.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> CannotWrite(const fs::path& path, const std::string& reason) {
  return Fail(ErrorKind::kData,
              fmt::format("cannot write {}: {}: choose a folder that can be written", path.string(),
                          reason));
}

Expected<void> WriteFile(const fs::path& path, const std::string& bytes) {
  FILE* file = std::fopen(path.c_str(), "wbe");
  if (!file) return CannotWrite(path, std::strerror(errno));
  bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  is_written = std::fclose(file) == 0 && is_written;
  if (!is_written) return CannotWrite(path, std::strerror(errno));
  return {};
}

Expected<void> CreateFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return CannotWrite(folder, error.message());
  return {};
}

Expected<void> CheckOptions(const RenderOptions& options) {
  if (options.classes < 1 || options.classes > kShapeCount) {
    return Fail(ErrorKind::kUsage, fmt::format("cannot render {} classes of shapes: there are {}",
                                               options.classes, kShapeCount));
  }
  if (options.size < 8 || options.size > 1024) {
    return Fail(ErrorKind::kUsage,
                fmt::format("cannot render shapes at {0} x {0}: choose 8 to 1024", options.size));
  }
  if (options.train_per_class < 0 || options.test_per_class < 0) {
    return Fail(ErrorKind::kUsage, "cannot render fewer than 0 images of a class");
  }
  return {};
}

// Writes images [0, count) of `subset` for every class, on all cores. Returns a failure, if any.
Expected<void> RenderSubset(const fs::path& folder, const std::string& subset, int64_t count,
                            const RenderOptions& options) {
  for (int64_t shape = 0; shape < options.classes; ++shape) {
    NACRE_CHECK_OK(CreateFolder(folder / subset / kShapeNames[static_cast<size_t>(shape)]));
  }
  const Random random = Random(options.seed).Fork("shapes").Fork(subset);
  std::atomic<int64_t> next = 0;
  std::mutex mutex;
  Expected<void> outcome;
  const auto work = [&] {
    for (int64_t i; (i = next.fetch_add(1)) < count * options.classes;) {
      const int64_t shape = i / count, number = i % count;
      const char* name = kShapeNames[static_cast<size_t>(shape)];
      const auto pixels = RenderScene(static_cast<int>(shape), options.size,
                                      random.Fork(fmt::format("{}/{}", name, number)));
      const auto written = WriteFile(folder / subset / name / fmt::format("{:05}.png", number),
                                     PngBytes(options.size, options.size, pixels));
      if (written) continue;
      const std::lock_guard guard(mutex);
      outcome = written;
      next = count * options.classes;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) helpers.emplace_back(work);
    work();
  }
  return outcome;
}

Expected<void> RenderInto(const fs::path& folder, const RenderOptions& options) {
  NACRE_CHECK_OK(RenderSubset(folder, "train", options.train_per_class, options));
  return RenderSubset(folder, "test", options.test_per_class, options);
}

}  // namespace

Expected<void> RenderShapes(const fs::path& folder, const RenderOptions& options) {
  NACRE_CHECK_OK(CheckOptions(options));
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return Fail(
        ErrorKind::kUsage,
        fmt::format("{} is not empty: remove it or choose another folder", folder.string()));
  }
  fs::path partial = folder.has_filename() ? folder : folder.parent_path();
  partial += ".partial";
  fs::remove_all(partial, error);
  Expected<void> rendered = RenderInto(partial, options);
  if (rendered) {
    fs::rename(partial, folder.has_filename() ? folder : folder.parent_path(), error);
    if (error) rendered = CannotWrite(folder, error.message());
  }
  if (!rendered) fs::remove_all(partial, error);
  return rendered;
}

}  // namespace nacre
