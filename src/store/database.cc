#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace nacre {
namespace {

const char* Cure(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return ": free some space on that disk and resume";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return ": choose a folder that can be written";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ": the file is damaged; restore it, or start afresh in another folder";
    case SQLITE_IOERR:
      return ": is the disk full or failing?";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ": another program has it open; close that";
    default:
      return "";
  }
}

tl::unexpected<Error> Failure(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  const int code = sqlite3_extended_errcode(database);
  return Fail(ErrorKind::kInternal, fmt::format("{}: {}{}", path ? path : "run database",
                                                sqlite3_errmsg(database), Cure(code)));
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

Expected<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Failure(database_);
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (!text) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

double Statement::Number(int column) const { return sqlite3_column_double(statement_, column); }

Expected<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return Failure(handle);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 2000);
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

}  // namespace nacre
