// Run: the folder of one run. Every job is a pure function of hashed inputs; its result is written
// once (SQLite, WAL) together with content-addressed artifacts. Opening an existing run and asking
// for a job that is there costs nothing: that is what resuming is. A kill at any moment loses at
// most the job under way.
//
//   <folder>/run.db        jobs and notes
//   <folder>/artifacts/    one file a content hash
//   <folder>/events.jsonl  one line of JSON an event
//   <folder>/tensorboard/  scalars as TensorBoard reads them
//   <folder>/lock          the owner's pid, under flock
//
// Thread-safe: calls of one Run are taken one after the other. One process at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre {

struct Job {
  std::string key;                     // hash of all inputs; unique
  std::string kind;                    // "latency", "distill", "trial", ...
  std::string result;                  // JSON
  std::vector<std::string> artifacts;  // content hashes
  double seconds = 0;                  // what it cost
  std::string error;                   // not empty: a failed trial with its reason
};

class Run {
 public:
  // kFresh creates the folder (parents too); one that is there must be empty. kResume wants a run
  // in it. Errors: kUsage when kFresh finds a run or other files, when kResume finds no run, and
  // when another process has it open (named by pid); kInternal for full or read-only disks and a
  // damaged run.db, with the cure.
  enum class Mode { kFresh, kResume };
  static Expected<std::unique_ptr<Run>> Open(const std::filesystem::path& folder, Mode mode);
  virtual ~Run() = default;

  virtual const std::filesystem::path& folder() const = 0;
  virtual Expected<std::optional<Job>> Find(const std::string& key) = 0;
  // On disk, for good, when it returns. The artifacts must have been put before (std::logic_error
  // otherwise). A key that is there keeps its first result: putting it again changes nothing.
  virtual Expected<void> Put(const Job& job) = 0;
  // In the order in which they were put.
  virtual Expected<std::vector<Job>> JobsOfKind(const std::string& kind) = 0;

  // Artifacts: artifacts/<hash>, written to a temporary name, synced, renamed. Returns the hash.
  virtual Expected<std::string> PutArtifact(const std::string& bytes) = 0;
  // Error (kInternal) when it is missing or its bytes no longer have that hash.
  virtual Expected<std::string> GetArtifact(const std::string& hash) = 0;

  // Key-value notes of the run (configuration, seconds spent so far, ...).
  virtual Expected<void> SetNote(const std::string& key, const std::string& value) = 0;
  virtual Expected<std::optional<std::string>> Note(const std::string& key) = 0;

  // Appends one line of JSON to events.jsonl with "time" (UTC, ISO 8601) added. What is no JSON
  // object throws std::logic_error. A line cut off by a kill is ended at the next opening.
  virtual Expected<void> LogEvent(const std::string& json_object) = 0;
  // A point of a curve for TensorBoard; `tag` as "trials/accuracy".
  virtual Expected<void> LogScalar(const std::string& tag, int64_t step, double value) = 0;

  // The first error of writing jobs, artifacts, notes or events: whatever failed since may have
  // failed by it.
  virtual std::optional<Error> Failure() const = 0;
};

}  // namespace nacre
