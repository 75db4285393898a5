#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace nacre {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

Database::~Database() { sqlite3_close(handle_); }

tl::unexpected<Error> Database::Failed() const {
  const int code = sqlite3_errcode(handle_);
  const char* file = sqlite3_db_filename(handle_, "main");
  const char* cure = code == SQLITE_FULL      ? "; free some space and resume"
                     : code == SQLITE_READONLY ? "; choose a writable folder"
                     : code == SQLITE_CORRUPT || code == SQLITE_NOTADB
                         ? "; the file is damaged: start a new run"
                         : "";
  return Fail(ErrorKind::kInternal,
              fmt::format("{}: {}{}", file ? file : "run.db", sqlite3_errmsg(handle_), cure));
}

Expected<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                                   nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return database->Failed();
  sqlite3_busy_timeout(handle, 5000);
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
        "CREATE TABLE IF NOT EXISTS job(key TEXT PRIMARY KEY, kind TEXT NOT NULL, result TEXT NOT "
        "NULL, artifacts TEXT NOT NULL, seconds REAL NOT NULL, error TEXT NOT NULL, made TEXT NOT "
        "NULL DEFAULT CURRENT_TIMESTAMP)",
        "CREATE TABLE IF NOT EXISTS note(key TEXT PRIMARY KEY, value TEXT NOT NULL)"}) {
    if (auto done = database->Query(sql); !done) return tl::unexpected<Error>(done.error());
  }
  return database;
}

Expected<std::vector<Database::Row>> Database::Query(const std::string& sql,
                                                     const std::vector<std::string>& parameters) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) return Failed();
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const std::string& text = parameters[i];
    if (sqlite3_bind_text(raw, static_cast<int>(i + 1), text.data(), static_cast<int>(text.size()),
                          SQLITE_STATIC) != SQLITE_OK) {
      return Failed();
    }
  }
  std::vector<Row> rows;
  int code;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    Row row;
    for (int c = 0; c < sqlite3_column_count(raw); ++c) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, c));
      row.emplace_back(text ? text : "", static_cast<size_t>(sqlite3_column_bytes(raw, c)));
    }
    rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) return Failed();
  return rows;
}

}  // namespace nacre
