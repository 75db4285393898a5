// Run: the folder of one run. Every job is a pure function of hashed inputs; its result is written once (SQLite, WAL)
// together with content-addressed artifacts. Opening an existing run and asking for a job that is there costs nothing:
// that is what resuming is. A kill at any moment loses at most the job under way.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre {

struct Job {
  std::string key;      // hash of all inputs; unique
  std::string kind;     // "latency", "distill", "trial", ...
  std::string result;   // JSON
  std::vector<std::string> artifacts;  // content hashes
  double seconds = 0;   // what it cost
  std::string error;    // not empty: a failed trial with its reason
};

class Run {
 public:
  // Creates the folder (parents too). Errors: kUsage when it exists and is not empty and holds no run, when another
  // process has it open (named by pid), or when it is a run and `fresh`; kInternal for full or read-only disks, with cure.
  enum class Mode { kFresh, kResume };
  static Expected<std::unique_ptr<Run>> Open(const std::filesystem::path& folder, Mode mode);
  virtual ~Run() = default;

  virtual const std::filesystem::path& folder() const = 0;
  virtual Expected<std::optional<Job>> Find(const std::string& key) = 0;
  virtual Expected<void> Put(const Job& job) = 0;
  virtual Expected<std::vector<Job>> JobsOfKind(const std::string& kind) = 0;

  // Artifacts: artifacts/<hash>, written to a temporary name, synced, renamed.
  virtual Expected<std::string> PutArtifact(const std::string& bytes) = 0;
  virtual Expected<std::string> GetArtifact(const std::string& hash) = 0;

  // Key-value notes of the run (configuration, seconds spent so far, ...).
  virtual Expected<void> SetNote(const std::string& key, const std::string& value) = 0;
  virtual Expected<std::optional<std::string>> Note(const std::string& key) = 0;

  // Appends one line of JSON to events.jsonl with the time added.
  virtual Expected<void> LogEvent(const std::string& json_object) = 0;
};

// Writes a file beside its place, syncs, renames. Error names path and reason (full disk, read-only, ...).
Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes);

}  // namespace nacre
