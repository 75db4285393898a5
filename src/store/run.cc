#include "store/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "store/artifacts.h"
#include "store/database.h"
#include "store/event_log.h"
#include "store/run_lock.h"
#include "store/scalar_log.h"
#include "store/write_file.h"

namespace nacre {

using namespace store_internal;

namespace {

namespace fs = std::filesystem;

constexpr const char* kSchemaVersion = "2";  // docs/run-folder.md
constexpr const char* kSchema = R"sql(
  CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    result TEXT NOT NULL,
    artifacts TEXT NOT NULL,
    seconds REAL NOT NULL,
    error TEXT,
    error_kind INTEGER,
    finished TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CHECK ((error IS NULL) = (error_kind IS NULL)));
  CREATE INDEX IF NOT EXISTS jobs_kind ON jobs (kind, number);
  CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
)sql";
constexpr const char* kColumns = "key, kind, result, artifacts, seconds, error, error_kind";

Expected<std::vector<std::string>> ParseHashes(const std::string& json) {
  try {
    return nlohmann::json::parse(json).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& error) {
    return Fail(ErrorKind::kInternal, error.what());
  }
}

std::optional<ErrorKind> ToErrorKind(int64_t number) {
  for (const ErrorKind kind :
       {ErrorKind::kInternal, ErrorKind::kUsage, ErrorKind::kModel, ErrorKind::kData,
        ErrorKind::kTarget, ErrorKind::kNothingMet, ErrorKind::kInterrupted}) {
    if (static_cast<int64_t>(kind) == number) return kind;
  }
  return std::nullopt;
}

tl::unexpected<Error> DamagedJob(const Job& job) {
  return Fail(ErrorKind::kInternal,
              fmt::format("run.db: job {} is damaged: start afresh in another folder", job.key));
}

// A row of kColumns. Error: another program has written what nacre would not.
Expected<Job> ReadJob(const Statement& row) {
  Job job{.key = row.Text(0), .kind = row.Text(1), .result = row.Text(2), .seconds = row.Number(4)};
  auto artifacts = ParseHashes(row.Text(3));
  if (!artifacts) return DamagedJob(job);
  job.artifacts = std::move(*artifacts);
  if (row.IsNull(5)) return job;
  const auto kind = ToErrorKind(row.Integer(6));
  if (!kind) return DamagedJob(job);
  job.error = Error{*kind, row.Text(5)};
  return job;
}

class SqliteRun : public Run {
 public:
  SqliteRun(fs::path folder, RunLock lock, std::unique_ptr<Database> database)
      : folder_(std::move(folder)),
        lock_(std::move(lock)),
        database_(std::move(database)),
        artifacts_(folder_ / "artifacts"),
        events_(folder_ / "events.jsonl"),
        scalars_(folder_ / "tensorboard") {}

  const fs::path& folder() const override { return folder_; }

  // Looks before it changes anything.
  Expected<void> Prepare(Mode mode) {
    NACRE_CHECK_OK(CheckPages());
    NACRE_TRY(const auto version, StoredSchema());
    if (version) NACRE_CHECK_OK(CheckSchema(*version));
    if (!version && mode == Mode::kResume) NACRE_CHECK_OK(CheckNeverBegan());
    NACRE_CHECK_OK(artifacts_.Prepare());
    NACRE_CHECK_OK(database_->Execute(kSchema));
    if (!version) return SetNote("schema", kSchemaVersion);
    return {};
  }

  Expected<std::optional<Job>> Find(const std::string& key) override {
    const std::lock_guard guard(mutex_);
    NACRE_TRY(Statement query, PrepareForJobs("SELECT {} FROM jobs WHERE key = ?"));
    NACRE_TRY(const bool found, query.Bind(1, key).Step());
    if (!found) return std::nullopt;
    NACRE_TRY(Job job, ReadJob(query));
    return job;
  }

  Expected<void> Put(const Job& job) override {
    const std::lock_guard guard(mutex_);
    for (const std::string& hash : job.artifacts) {
      if (!artifacts_.Has(hash))
        throw std::logic_error("Run::Put: artifact not put before: " + hash);
    }
    return KeepFirstFailure(Insert(job));
  }

  Expected<std::vector<Job>> JobsOfKind(const std::string& kind) override {
    const std::lock_guard guard(mutex_);
    NACRE_TRY(Statement query,
              PrepareForJobs("SELECT {} FROM jobs WHERE kind = ? ORDER BY number"));
    query.Bind(1, kind);
    std::vector<Job> jobs;
    while (true) {
      NACRE_TRY(const bool found, query.Step());
      if (!found) return jobs;
      NACRE_TRY(Job job, ReadJob(query));
      jobs.push_back(std::move(job));
    }
  }

  Expected<std::string> PutArtifact(const std::string& bytes) override {
    const std::lock_guard guard(mutex_);
    return KeepFirstFailure(artifacts_.Put(bytes));
  }

  Expected<std::string> GetArtifact(const std::string& hash) override {
    return artifacts_.Get(hash);
  }

  Expected<void> SetNote(const std::string& key, const std::string& value) override {
    const std::lock_guard guard(mutex_);
    return KeepFirstFailure(InsertNote(key, value));
  }

  Expected<std::optional<std::string>> Note(const std::string& key) override {
    const std::lock_guard guard(mutex_);
    NACRE_TRY(Statement query, database_->Prepare("SELECT value FROM notes WHERE key = ?"));
    NACRE_TRY(const bool found, query.Bind(1, key).Step());
    if (!found) return std::nullopt;
    return query.Text(0);
  }

  Expected<void> LogEvent(const std::string& json_object) override {
    const std::lock_guard guard(mutex_);
    return KeepFirstFailure(events_.Append(json_object));
  }

  Expected<void> LogScalar(const std::string& tag, int64_t step, double value) override {
    const std::lock_guard guard(mutex_);
    return scalars_.Append(tag, step, value);
  }

  std::optional<Error> Failure() const override {
    const std::lock_guard guard(mutex_);
    return failure_;
  }

 private:
  tl::unexpected<Error> Damaged(const std::string& what) const {
    return Fail(ErrorKind::kInternal,
                fmt::format("{}: {}: the file is damaged; restore it, or start afresh in another "
                            "folder",
                            (folder_ / "run.db").string(), what));
  }

  Expected<void> CheckPages() {
    NACRE_TRY(Statement check, database_->Prepare("PRAGMA quick_check(1)"));
    NACRE_TRY(const bool found, check.Step());
    std::string verdict = found ? check.Text(0) : "ok";
    std::replace(verdict.begin(), verdict.end(), '\n', ' ');
    if (verdict != "ok") return Damaged(verdict);
    return {};
  }

  // Nothing where none is stored.
  Expected<std::optional<std::string>> StoredSchema() {
    NACRE_TRY(Statement tables,
              database_->Prepare("SELECT 1 FROM sqlite_master WHERE name = 'notes'"));
    NACRE_TRY(const bool found, tables.Step());
    if (!found) return std::nullopt;
    return Note("schema");
  }

  Expected<void> CheckSchema(const std::string& version) const {
    if (version == kSchemaVersion) return {};
    return Fail(
        ErrorKind::kUsage,
        fmt::format(
            "run folder {} was written by another version of nacre (schema {}, this one reads "
            "{}): start afresh in another folder, or use that version",
            folder_.string(), version, kSchemaVersion));
  }

  // A start that was killed before it stored its schema has left nothing else, and begins again. A
  // run.db that lost what it held lies among what the run has written.
  Expected<void> CheckNeverBegan() const {
    std::error_code error;
    for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name == "lock" || name.starts_with("run.db")) continue;
      std::error_code ignored;
      if (name == "artifacts" && fs::is_empty(entry->path(), ignored)) continue;
      return Damaged("it is empty, though the folder holds '" + name + "' of a run");
    }
    return {};
  }

  template <typename T>
  Expected<T> KeepFirstFailure(Expected<T> written) {
    if (!written && !failure_) failure_ = written.error();
    return written;
  }

  Expected<void> Insert(const Job& job) {
    NACRE_TRY(Statement insert,
              PrepareForJobs("INSERT OR IGNORE INTO jobs ({}) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    insert.Bind(1, job.key).Bind(2, job.kind).Bind(3, job.result);
    insert.Bind(4, nlohmann::json(job.artifacts).dump()).Bind(5, job.seconds);
    if (job.error) {
      insert.Bind(6, job.error->message).Bind(7, static_cast<int64_t>(job.error->kind));
    }
    NACRE_CHECK_OK(insert.Step());
    return {};
  }

  Expected<void> InsertNote(const std::string& key, const std::string& value) {
    NACRE_TRY(Statement insert, database_->Prepare("INSERT OR REPLACE INTO notes VALUES (?, ?)"));
    NACRE_CHECK_OK(insert.Bind(1, key).Bind(2, value).Step());
    return {};
  }

  Expected<Statement> PrepareForJobs(const char* sql_with_columns) {
    return database_->Prepare(fmt::format(fmt::runtime(sql_with_columns), kColumns).c_str());
  }

  const fs::path folder_;
  RunLock lock_;  // declared before the database, so that it is released after it is closed
  std::unique_ptr<Database> database_;
  Artifacts artifacts_;
  EventLog events_;
  ScalarLog scalars_;
  std::optional<Error> failure_;
  mutable std::mutex mutex_;
};

// A folder that holds nothing but what a killed or refused start leaves counts as empty.
Expected<bool> IsEmpty(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entry(folder, error), end;
  if (error) {
    return Fail(ErrorKind::kUsage,
                fmt::format("{} is not a folder that can be read ({}): choose another",
                            folder.string(), error.message()));
  }
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() != "lock") return false;
  }
  return true;
}

Expected<void> CheckHoldsRun(const fs::path& folder, bool holds_run) {
  if (holds_run) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("{} holds no run: give the folder of an earlier run, or start one",
                          folder.string()));
}

// That the run is in use matters more than that it is there, so that is reported first.
Expected<void> RefuseExistingRun(const fs::path& folder) {
  NACRE_CHECK_OK(RunLock::Take(folder));
  return Fail(
      ErrorKind::kUsage,
      fmt::format("{} already holds a run: resume it, or choose another folder", folder.string()));
}

Expected<void> CreateEmptyFolder(const fs::path& folder) {
  std::error_code ignored, error;
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    return Fail(ErrorKind::kUsage,
                fmt::format("{} is a file: choose another folder", folder.string()));
  }
  fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder, ignored)) return WriteFailure(folder, error.value());
  NACRE_TRY(const bool is_empty, IsEmpty(folder));
  if (is_empty) return {};
  return Fail(
      ErrorKind::kUsage,
      fmt::format("{} is not empty and holds no run: choose another folder", folder.string()));
}

Expected<void> PrepareFolder(const fs::path& folder, Run::Mode mode) {
  std::error_code ignored;
  const bool holds_run = fs::exists(folder / "run.db", ignored);
  if (mode == Run::Mode::kResume) return CheckHoldsRun(folder, holds_run);
  if (holds_run) return RefuseExistingRun(folder);
  return CreateEmptyFolder(folder);
}

// SQLite would write through links of these names, which a copied folder may hold.
Expected<void> RefuseLinks(const fs::path& folder) {
  for (const char* name : {"run.db", "run.db-wal", "run.db-shm", "run.db-journal", "tensorboard"}) {
    std::error_code ignored;
    if (fs::is_symlink(folder / name, ignored)) return WriteFailure(folder / name, ELOOP);
  }
  return {};
}

}  // namespace

Expected<std::unique_ptr<Run>> Run::Open(const fs::path& folder, Mode mode) {
  NACRE_CHECK_OK(PrepareFolder(folder, mode));
  NACRE_TRY(RunLock lock, RunLock::Take(folder));
  NACRE_CHECK_OK(RefuseLinks(folder));
  NACRE_TRY(auto database, Database::Open(folder / "run.db"));
  auto run = std::make_unique<SqliteRun>(folder, std::move(lock), std::move(database));
  NACRE_CHECK_OK(run->Prepare(mode));
  return run;
}

}  // namespace nacre
