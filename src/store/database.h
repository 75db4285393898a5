// A thin, typed shell around one SQLite connection: statements that bind and read, errors as
// values. Private to the store. Not thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nacre {

// One prepared statement; parameters are bound from 1, columns read from 0.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  Statement(const Statement&) = delete;
  Statement(Statement&& other) noexcept;
  ~Statement();

  Statement& Bind(int parameter, const std::string& text);
  Statement& Bind(int parameter, double number);
  // True: a row is there. False: done.
  Expected<bool> Step();
  std::string Text(int column) const;
  double Number(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
};

class Database {
 public:
  // WAL, synchronous FULL: what Commit has returned survives a kill and a power cut.
  static Expected<std::unique_ptr<Database>> Open(const std::filesystem::path& path);
  ~Database();

  Expected<void> Execute(const char* sql);
  Expected<Statement> Prepare(const char* sql);

 private:
  explicit Database(sqlite3* database) : database_(database) {}
  sqlite3* database_;
};

}  // namespace nacre
