// A run folder of its own for each test of what the world does to it.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "store/run.h"

namespace nacre {

namespace fs = std::filesystem;
using Mode = Run::Mode;

inline std::string Payload(int number) {
  return std::string(50000 + static_cast<size_t>(number), static_cast<char>('a' + number % 26));
}

// Every third job has failed.
inline Job NumberedJob(int number, const std::string& artifact) {
  Job job{.key = "job" + std::to_string(number),
          .kind = "trial",
          .result = "{\"text\":\"" + std::string(3000, 'x') + "\"}",
          .artifacts = {artifact},
          .seconds = static_cast<double>(number)};
  if (number % 3 == 0) job.error = Error{ErrorKind::kTarget, "crashed " + std::to_string(number)};
  return job;
}

class StoreFault : public ::testing::Test {
 protected:
  StoreFault() {
    base_ = fs::temp_directory_path() / ("nacre-store-fault-" + std::to_string(getpid()));
    fs::remove_all(base_);
    fs::create_directories(base_);
    folder_ = base_ / "run";
  }
  ~StoreFault() override {
    while (umount2(base_.c_str(), MNT_DETACH) == 0) {
    }
    fs::remove_all(base_);
  }

  // A file system of its own under base_, invisible to other processes. False without the right to
  // mount.
  bool Mount(const char* options) {
    static const bool is_private = unshare(CLONE_NEWNS) == 0 &&
                                   mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return is_private && mount("tmpfs", base_.c_str(), "tmpfs", 0, options) == 0;
  }

  std::string IntegrityCheck() const {
    sqlite3* database = nullptr;
    std::string verdict;
    sqlite3_open((folder_ / "run.db").c_str(), &database);
    sqlite3_exec(
        database, "PRAGMA integrity_check",
        [](void* into, int, char** values, char**) {
          *static_cast<std::string*>(into) += values[0];
          return 0;
        },
        &verdict, nullptr);
    sqlite3_close(database);
    return verdict;
  }

  fs::path base_, folder_;
};

}  // namespace nacre
