// The folder in which nacre keeps what outlives a run, for this user: latency tables, and how often
// test sets were looked at. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

// $NACRE_CACHE, else $XDG_CACHE_HOME/nacre, else ~/.cache/nacre. It need not exist.
std::filesystem::path CacheFolder();

// Records that results were chosen or judged on a test set, and says how often that has been so
// with this one, this time included: every look at the same images makes their verdict a little
// kinder than unseen images would be. `images_hash` names the set, and becomes a file name; `who`
// is written down beside the time. Error: the cache cannot be written.
Expected<int64_t> CountLook(const std::string& images_hash, const std::string& who);

}  // namespace nacre
