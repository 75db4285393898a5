#include "engine/materials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "graph/builder.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

Network Small(uint64_t seed) {
  NetworkBuilder b("net", "image", {kDynamic, 3, 4, 4}, Random(seed));
  return std::move(b).Finish(b.Conv("image", {.out = 4}), "out");
}

class MaterialsTest : public testing::Test {
 protected:
  MaterialsTest() {
    folder_ =
        std::filesystem::temp_directory_path() / ("nacre-materials-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    store_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
    materials_ = std::make_unique<Materials>(*store_);
  }
  ~MaterialsTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::unique_ptr<nacre::Run> store_;
  std::unique_ptr<Materials> materials_;
};

TEST_F(MaterialsTest, ANetworkComesBackAsItWas) {
  const Network network = Small(1);
  const auto hash = materials_->PutNetwork(network);
  ASSERT_TRUE(hash) << hash.error().message;
  const auto back = materials_->GetNetwork(*hash);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(StructuralHash(**back, true), StructuralHash(network, true));
  EXPECT_EQ(materials_->GetNetwork(*hash)->get(), back->get()) << "it is kept parsed";
}

TEST_F(MaterialsTest, SeveralNetworksAreOneArtifact) {
  const std::vector<Network> networks = {Small(1), Small(2)};
  const auto hash = materials_->PutNetworks(networks);
  ASSERT_TRUE(hash) << hash.error().message;
  const auto back = materials_->GetNetworks(*hash);
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(StructuralHash((*back)[i], true), StructuralHash(networks[i], true));
  }
  const auto none = materials_->GetNetworks(materials_->PutNetworks({}).value());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(MaterialsTest, ACutArtifactIsAnError) {
  const std::vector<Network> networks = {Small(1)};
  const std::string bytes = materials_->Get(materials_->PutNetworks(networks).value()).value();
  for (const size_t length : {size_t{3}, bytes.size() - 1}) {
    const auto hash = materials_->Put(bytes.substr(0, length)).value();
    const auto back = materials_->GetNetworks(hash);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().kind, ErrorKind::kInternal);
  }
}

TEST_F(MaterialsTest, OnlyImagesThatWereOfferedAreThere) {
  auto set = std::make_shared<ImageSet>();
  set->hash = "abc";
  EXPECT_FALSE(materials_->Images("abc"));
  materials_->Offer(set);
  EXPECT_EQ(materials_->Images("abc").value(), set);
  EXPECT_FALSE(materials_->Images("abd"));
}

TEST_F(MaterialsTest, TheLastFewValuesAreKept) {
  int made = 0;
  const auto value = [&](const std::string& key) {
    return *materials_->Cached<int>(key, [&]() -> Expected<int> { return ++made; }).value();
  };
  EXPECT_EQ(value("a"), 1);
  EXPECT_EQ(value("a"), 1);
  for (const char* key : {"b", "c", "d"}) value(key);
  EXPECT_EQ(value("a"), 1);
  value("e");
  EXPECT_EQ(value("b"), 6) << "the one that was not asked for longest is gone";
  const auto failed =
      materials_->Cached<int>("f", []() -> Expected<int> { return Fail(ErrorKind::kData, "x"); });
  EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace nacre
