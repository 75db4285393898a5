// Run: the folder of one run. Every job is a pure function of hashed inputs; its result is written
// once (SQLite, WAL) together with content-addressed artifacts. Opening an existing run and asking
// for a job that is stored there costs nothing: that is what resuming is. A kill at any moment
// loses at most the job in progress.
//
//   <folder>/run.db        jobs and notes
//   <folder>/artifacts/    one file for each content hash
//   <folder>/events.jsonl  one line of JSON for each event
//   <folder>/tensorboard/  scalars as TensorBoard reads them
//   <folder>/lock          the owner's process id, under flock
//
// docs/run-folder.md describes the format of each.
//
// Thread-safe: concurrent calls of one Run are serialised. One process at a time may have it open.
#pragma once

#include <cstdint>
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
  double seconds = 0;                  // wall time of the work
  // Why it failed, if it did. The kind is stored too: a resumed run that ends by this error ends
  // with the same exit code as the run that met it.
  std::optional<Error> error;
};

class Run {
 public:
  // kFresh creates the folder (parents too); an existing folder must be empty. kResume opens an
  // existing run. Errors: kUsage when kFresh finds a run or other files, when kResume finds no run,
  // when another process has it open (named by its id), and when another version of nacre wrote it
  // in another schema; kInternal for full or read-only disks, for links in place of files and for a
  // run.db that is damaged, or empty though the folder holds results, with a remedy. A start that
  // was killed before it stored anything begins again.
  enum class Mode { kFresh, kResume };
  static Expected<std::unique_ptr<Run>> Open(const std::filesystem::path& folder, Mode mode);
  virtual ~Run() = default;

  virtual const std::filesystem::path& folder() const = 0;
  // Nothing when no job has that key. Error (kInternal): the database or this job is damaged.
  virtual Expected<std::optional<Job>> Find(const std::string& key) = 0;
  // The job is on disk, for good, when it returns. The artifacts must have been put before
  // (std::logic_error otherwise). A key that is stored already keeps its first result: putting it
  // again changes nothing.
  virtual Expected<void> Put(const Job& job) = 0;
  // In the order in which they were put.
  virtual Expected<std::vector<Job>> JobsOfKind(const std::string& kind) = 0;

  // Writes artifacts/<hash> under a temporary name, syncs and renames it. Returns the hash.
  virtual Expected<std::string> PutArtifact(const std::string& bytes) = 0;
  // Error (kInternal) when it is missing or its bytes no longer have that hash.
  virtual Expected<std::string> GetArtifact(const std::string& hash) = 0;

  // Key-value notes of the run (configuration, seconds spent so far, ...). "schema" is reserved.
  virtual Expected<void> SetNote(const std::string& key, const std::string& value) = 0;
  virtual Expected<std::optional<std::string>> Note(const std::string& key) = 0;

  // Appends one line of JSON to events.jsonl with "time" (UTC, ISO 8601) added. Throws
  // std::logic_error when the text is not a JSON object. A line that a kill cut off is ended first.
  virtual Expected<void> LogEvent(const std::string& json_object) = 0;
  // Adds a point of a curve for TensorBoard; `tag` as "trials/accuracy".
  virtual Expected<void> LogScalar(const std::string& tag, int64_t step, double value) = 0;

  // The first error of writing jobs, artifacts, notes or events. Later failures of any kind may be
  // consequences of it.
  virtual std::optional<Error> Failure() const = 0;
};

}  // namespace nacre
