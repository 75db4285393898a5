#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <limits>

namespace nacre::store_internal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    std::string name = (fs::temp_directory_path() / "nacre-database-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~DatabaseTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Database> Opened() const {
    auto database = Database::Open(folder_ / "test.db");
    if (!database) throw std::runtime_error(database.error().message);
    return std::move(*database);
  }

  fs::path folder_;
};

TEST_F(DatabaseTest, ValuesComeBackAsTheyWereBound) {
  const auto database = Opened();
  ASSERT_TRUE(database->Execute("CREATE TABLE t (a TEXT, b REAL, c INTEGER, d TEXT, e INTEGER)"));
  const std::string text("zero \0 inside", 13);
  {
    auto insert = *database->Prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
    insert.Bind(1, text).Bind(2, 0.1).Bind(3, std::numeric_limits<int64_t>::max());
    insert.Bind(4, std::string());  // the fifth is never bound
    EXPECT_FALSE(*insert.Step());
  }
  auto row = *database->Prepare("SELECT * FROM t");
  ASSERT_TRUE(*row.Step());
  EXPECT_EQ(row.Text(0), text);
  EXPECT_EQ(row.Number(1), 0.1);
  EXPECT_EQ(row.Integer(2), std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(row.IsNull(3));
  EXPECT_EQ(row.Text(3), "");
  EXPECT_TRUE(row.IsNull(4));
  EXPECT_EQ(row.Text(4), "");
  EXPECT_EQ(row.Integer(4), 0);
  EXPECT_FALSE(*row.Step());
}

TEST_F(DatabaseTest, WhatIsWrittenIsThereWhenItIsOpenedAgain) {
  ASSERT_TRUE(Opened()->Execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)"));
  const auto database = Opened();
  auto row = *database->Prepare("SELECT a FROM t");
  ASSERT_TRUE(*row.Step());
  EXPECT_EQ(row.Integer(0), 7);
}

TEST_F(DatabaseTest, ErrorsNameTheFileAndTheReason) {
  const auto database = Opened();
  const auto executed = database->Execute("SELECT * FROM nowhere");
  ASSERT_FALSE(executed);
  EXPECT_EQ(executed.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(executed.error().message, HasSubstr((folder_ / "test.db").string()));
  EXPECT_THAT(executed.error().message, HasSubstr("no such table: nowhere"));
  EXPECT_FALSE(database->Prepare("SELEKT 1"));
  ASSERT_TRUE(database->Execute("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)"));
  auto insert = *database->Prepare("INSERT INTO t VALUES (1)");
  const auto repeated = insert.Step();
  ASSERT_FALSE(repeated);
  EXPECT_THAT(repeated.error().message, HasSubstr("UNIQUE"));
}

TEST_F(DatabaseTest, AFileThatCannotBeOpenedIsAnErrorWithARemedy) {
  const auto nowhere = Database::Open(folder_ / "none" / "test.db");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("choose a folder that can be written"));
  std::ofstream(folder_ / "text.db") << std::string(5000, 'x');
  const auto damaged = Database::Open(folder_ / "text.db");
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().message, HasSubstr("text.db"));
  EXPECT_THAT(damaged.error().message, HasSubstr("is damaged"));
}

TEST_F(DatabaseTest, AnotherProgramThatWritesIsNamedAsTheReason) {
  const auto one = Opened(), other = Opened();
  ASSERT_TRUE(one->Execute("CREATE TABLE t (a)"));
  ASSERT_TRUE(one->Execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)"));
  const auto blocked = other->Execute("INSERT INTO t VALUES (2)");
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().message, HasSubstr("another program has it open"));
  ASSERT_TRUE(one->Execute("COMMIT"));
  EXPECT_TRUE(other->Execute("INSERT INTO t VALUES (2)"));
}

}  // namespace
}  // namespace nacre::store_internal
