// A prepared-statement's worth of SQLite: errors as values, nothing of it outside this folder.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"

struct sqlite3;

namespace nacre {

class Database {
 public:
  static Expected<std::unique_ptr<Database>> Open(const std::filesystem::path& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  using Row = std::vector<std::string>;
  // Runs one statement with its parameters bound as text; rows as text.
  Expected<std::vector<Row>> Query(const std::string& sql, const std::vector<std::string>& parameters = {});

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  tl::unexpected<Error> Failed() const;
  sqlite3* handle_;
};

}  // namespace nacre
