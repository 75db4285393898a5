#include "store/run.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "store/database.h"
#include "store/files.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;

Job FromRow(const Database::Row& row) {
  Job job{.key = row[0], .kind = row[1], .result = row[2]};
  job.artifacts = nlohmann::json::parse(row[3]).get<std::vector<std::string>>();
  job.seconds = std::stod(row[4]);
  job.error = row[5];
  return job;
}

constexpr const char* kSelect = "SELECT key, kind, result, artifacts, seconds, error FROM job WHERE ";

class SqliteRun : public Run {
 public:
  SqliteRun(fs::path folder, FileLock lock, std::unique_ptr<Database> database)
      : folder_(std::move(folder)), lock_(std::move(lock)), database_(std::move(database)) {}

  const fs::path& folder() const override { return folder_; }

  Expected<std::optional<Job>> Find(const std::string& key) override {
    NACRE_TRY(const auto rows, database_->Query(std::string(kSelect) + "key = ?", {key}));
    if (rows.empty()) return std::optional<Job>();
    return std::optional<Job>(FromRow(rows[0]));
  }

  Expected<void> Put(const Job& job) override {
    NACRE_CHECK_OK(database_->Query(
        "INSERT OR REPLACE INTO job(key, kind, result, artifacts, seconds, error) VALUES(?,?,?,?,?,?)",
        {job.key, job.kind, job.result, nlohmann::json(job.artifacts).dump(),
         fmt::format("{}", job.seconds), job.error}));
    return {};
  }

  Expected<std::vector<Job>> JobsOfKind(const std::string& kind) override {
    NACRE_TRY(const auto rows, database_->Query(std::string(kSelect) + "kind = ? ORDER BY rowid", {kind}));
    std::vector<Job> jobs;
    for (const auto& row : rows) jobs.push_back(FromRow(row));
    return jobs;
  }

  Expected<std::string> PutArtifact(const std::string& bytes) override {
    const std::string hash = HashBytes(bytes);
    const fs::path path = folder_ / "artifacts" / hash;
    if (!fs::exists(path)) NACRE_CHECK_OK(WriteFileAtomically(path, bytes));
    return hash;
  }

  Expected<std::string> GetArtifact(const std::string& hash) override {
    NACRE_TRY(std::string bytes, ReadWholeFile(folder_ / "artifacts" / hash));
    if (HashBytes(bytes) != hash) {
      return Fail(ErrorKind::kInternal, fmt::format("artifact {} in {} is damaged: start a new run",
                                                    hash, folder_.string()));
    }
    return bytes;
  }

  Expected<void> SetNote(const std::string& key, const std::string& value) override {
    NACRE_CHECK_OK(database_->Query("INSERT OR REPLACE INTO note VALUES(?,?)", {key, value}));
    return {};
  }

  Expected<std::optional<std::string>> Note(const std::string& key) override {
    NACRE_TRY(const auto rows, database_->Query("SELECT value FROM note WHERE key = ?", {key}));
    if (rows.empty()) return std::optional<std::string>();
    return std::optional<std::string>(rows[0][0]);
  }

  Expected<void> LogEvent(const std::string& json_object) override {
    auto event = nlohmann::json::parse(json_object);
    event["time"] = std::chrono::duration<double>(
                        std::chrono::system_clock::now().time_since_epoch()).count();
    return AppendLine(folder_ / "events.jsonl", event.dump());
  }

 private:
  fs::path folder_;
  FileLock lock_;
  std::unique_ptr<Database> database_;
};

Expected<void> CheckFolder(const fs::path& folder, Run::Mode mode) {
  std::error_code failed;
  const bool is_run = fs::exists(folder / "run.db", failed);
  if (mode == Run::Mode::kResume) {
    if (is_run) return {};
    return Fail(ErrorKind::kUsage, folder.string() + " holds no run; start one with nacre optimize");
  }
  if (fs::exists(folder, failed) && !fs::is_directory(folder, failed)) {
    return Fail(ErrorKind::kUsage, folder.string() + " is a file: give another --out");
  }
  if (is_run) {
    return Fail(ErrorKind::kUsage, fmt::format("{} holds a run already: nacre resume {} goes on with "
                                               "it, or give another --out", folder.string(),
                                               folder.string()));
  }
  if (fs::exists(folder, failed) && !fs::is_empty(folder, failed)) {
    return Fail(ErrorKind::kUsage, folder.string() + " is not empty: give another --out");
  }
  return {};
}

}  // namespace

Expected<std::unique_ptr<Run>> Run::Open(const fs::path& folder, Mode mode) {
  NACRE_CHECK_OK(CheckFolder(folder, mode));
  std::error_code failed;
  fs::create_directories(folder / "artifacts", failed);
  if (failed) {
    return Fail(ErrorKind::kInternal, fmt::format("cannot create {}: {}; choose a writable folder",
                                                  folder.string(), failed.message()));
  }
  NACRE_TRY(FileLock lock, FileLock::Take(folder / "lock"));
  NACRE_TRY(auto database, Database::Open(folder / "run.db"));
  return std::unique_ptr<Run>(
      std::make_unique<SqliteRun>(folder, std::move(lock), std::move(database)));
}

}  // namespace nacre
