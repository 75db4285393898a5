// A thin, typed shell around one SQLite connection: statements that bind and read, errors as
// values. Private to store/. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/expected.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nacre::store_internal {

// One prepared statement. Parameters are counted from 1, columns from 0. A parameter that is never
// bound is NULL. It must not outlive its Database.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  Statement(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  ~Statement();

  Statement& Bind(int parameter, const std::string& text);
  Statement& Bind(int parameter, double number);
  Statement& Bind(int parameter, int64_t number);
  // True: there is a row to read. False: there are no more rows, and the statement has been
  // executed.
  Expected<bool> Step();
  bool IsNull(int column) const;
  std::string Text(int column) const;  // empty when NULL
  double Number(int column) const;     // 0 when NULL
  int64_t Integer(int column) const;   // 0 when NULL

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
};

// Errors of all calls: kInternal, with the file, SQLite's reason and a remedy where there is one.
class Database {
 public:
  // WAL and synchronous FULL: what a statement has committed survives a kill and a power cut
  // (https://sqlite.org/wal.html). Creates the file when it is missing.
  static Expected<std::unique_ptr<Database>> Open(const std::filesystem::path& path);
  ~Database();

  Expected<void> Execute(const char* sql);
  Expected<Statement> Prepare(const char* sql);

 private:
  explicit Database(sqlite3* database) : database_(database) {}
  sqlite3* database_;
};

}  // namespace nacre::store_internal
