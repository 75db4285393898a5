#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace nacre::store_internal {
namespace {

constexpr int kBusyTimeoutMs = 2000;  // for another program that looks into the file

struct Remedy {
  int code;  // primary result code of SQLite
  const char* text;
};
constexpr Remedy kRemedies[] = {
    {SQLITE_FULL, ": free some space on that disk and resume"},
    {SQLITE_READONLY, ": choose a folder that can be written"},
    {SQLITE_CANTOPEN, ": choose a folder that can be written"},
    {SQLITE_PERM, ": choose a folder that can be written"},
    {SQLITE_NOTADB, ": the file is damaged; restore it, or start afresh in another folder"},
    {SQLITE_CORRUPT, ": the file is damaged; restore it, or start afresh in another folder"},
    {SQLITE_ERROR, ": the file is not as nacre wrote it; start afresh in another folder"},
    {SQLITE_IOERR, ": is the disk full or failing?"},
    {SQLITE_BUSY, ": another program has it open; close that program"},
    {SQLITE_LOCKED, ": another program has it open; close that program"},
};

const char* FindRemedy(int extended_code) {
  for (const Remedy& remedy : kRemedies) {
    if (remedy.code == (extended_code & 0xff)) return remedy.text;
  }
  return "";
}

tl::unexpected<Error> Failure(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  const int code = sqlite3_extended_errcode(database);
  return Fail(ErrorKind::kInternal, fmt::format("{}: {}{}", path ? path : "run database",
                                                sqlite3_errmsg(database), FindRemedy(code)));
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Bind(int parameter, const std::string& text) {
  sqlite3_bind_text64(statement_, parameter, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::Bind(int parameter, double number) {
  sqlite3_bind_double(statement_, parameter, number);
  return *this;
}

Statement& Statement::Bind(int parameter, int64_t number) {
  sqlite3_bind_int64(statement_, parameter, number);
  return *this;
}

Expected<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Failure(database_);
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (!text) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

double Statement::Number(int column) const { return sqlite3_column_double(statement_, column); }

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

Expected<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return Failure(handle);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  NACRE_CHECK_OK(database->Execute("PRAGMA journal_mode=WAL"));
  NACRE_CHECK_OK(database->Execute("PRAGMA synchronous=FULL"));
  return database;
}

Database::~Database() { sqlite3_close(database_); }

Expected<void> Database::Execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return Failure(database_);
  return {};
}

Expected<Statement> Database::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) {
    return Failure(database_);
  }
  return Statement(database_, statement);
}

}  // namespace nacre::store_internal
