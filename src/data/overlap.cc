#include "data/overlap.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/read_file.h"
#include "data/folder_listing.h"

namespace nacre {

using namespace data_internal;

namespace {

constexpr int64_t kProbe = 4096;  // bytes in a file's middle, which tell most files apart

// Empty: there is no such file.
std::string Size(const std::string& path) {
  const auto state = StatFile(path);
  return state ? std::to_string(state->size) : std::string();
}

// Size and middle of a file. Headers are alike in many files.
std::string Probe(const std::string& path) {
  const int64_t size = StatFile(path).value_or(FileState()).size;
  std::string middle(static_cast<size_t>(std::min(size, kProbe)), '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(std::max<int64_t>(0, (size - kProbe) / 2));
  file.read(middle.data(), static_cast<std::streamsize>(middle.size()));
  return file ? std::to_string(size) + ":" + HashBytes(middle) : std::string();
}

std::string Whole(const std::string& path) {
  const auto bytes = ReadWholeFile(path);
  return bytes ? HashBytes(*bytes) : std::string();
}

// One for each image; empty: the file cannot be read.
using Marks = std::vector<std::string>;

// Images that have a mark that the other set has as well.
std::vector<int64_t> Common(const Marks& marks, const std::vector<int64_t>& images,
                            const std::unordered_set<std::string>& known) {
  std::vector<int64_t> common;
  for (size_t i = 0; i < images.size(); ++i) {
    if (!marks[i].empty() && known.count(marks[i]) > 0) common.push_back(images[i]);
  }
  return common;
}

std::vector<int64_t> AllOf(const ImageSet& set) {
  std::vector<int64_t> all(static_cast<size_t>(set.count()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

template <typename F>
void KeepCommon(const ImageSet& set, std::vector<int64_t>& mine, const ImageSet& other,
                std::vector<int64_t>& theirs, F mark) {
  const auto marks_of = [&](const ImageSet& of, const std::vector<int64_t>& images) {
    Marks marks;
    for (const int64_t image : images) marks.push_back(mark(of.source->File(image)));
    return marks;
  };
  const Marks here = marks_of(set, mine), there = marks_of(other, theirs);
  mine = Common(here, mine, {there.begin(), there.end()});
  theirs = Common(there, theirs, {here.begin(), here.end()});
}

// By size, then by size and middle, then by everything: few files are read, and fewer to the end.
std::vector<int64_t> SharedFiles(const ImageSet& set, const ImageSet& other) {
  std::vector<int64_t> mine = AllOf(set), theirs = AllOf(other);
  KeepCommon(set, mine, other, theirs, Size);
  KeepCommon(set, mine, other, theirs, Probe);
  KeepCommon(set, mine, other, theirs, Whole);
  return mine;
}

Expected<std::string> Pixels(const ImageSet& set, int64_t image) {
  std::string pixels(static_cast<size_t>(set.image_bytes()), '\0');
  NACRE_CHECK_OK(
      set.source->Read(image, {reinterpret_cast<uint8_t*>(pixels.data()), pixels.size()}));
  return HashBytes(pixels);
}

Expected<std::vector<int64_t>> SharedPixels(const ImageSet& set, const ImageSet& other) {
  std::unordered_set<std::string> known;
  for (int64_t i = 0; i < other.count(); ++i) {
    NACRE_TRY(std::string pixels, Pixels(other, i));
    known.insert(std::move(pixels));
  }
  std::vector<int64_t> shared;
  for (int64_t i = 0; i < set.count(); ++i) {
    NACRE_TRY(const std::string pixels, Pixels(set, i));
    if (known.count(pixels) > 0) shared.push_back(i);
  }
  return shared;
}

}  // namespace

Expected<std::vector<int64_t>> SharedImages(const ImageSet& set, const ImageSet& other) {
  if (set.image_bytes() != other.image_bytes() || set.count() == 0 || other.count() == 0)
    return std::vector<int64_t>();
  const bool files = !set.source->File(0).empty() && !other.source->File(0).empty();
  if (files) return SharedFiles(set, other);
  return SharedPixels(set, other);
}

Expected<int64_t> CountShared(const ImageSet& set, const ImageSet& other) {
  NACRE_TRY(const std::vector<int64_t> shared, SharedImages(set, other));
  return static_cast<int64_t>(shared.size());
}

}  // namespace nacre
