#include "engine/materials.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "onnx/onnx.h"

namespace nacre {
namespace {

constexpr size_t kRemembered = 4;  // values: networks may have a hundred megabytes

// A bundle is a sequence of (length as 8 bytes in the machine's order, bytes).
void AppendPart(std::string& bundle, const std::string& part) {
  const uint64_t length = part.size();
  bundle.append(reinterpret_cast<const char*>(&length), sizeof length);
  bundle.append(part);
}

Expected<std::vector<std::string>> PartsOf(const std::string& bundle) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < bundle.size();) {
    uint64_t length = 0;
    if (bundle.size() - at < sizeof length) {
      return Fail(ErrorKind::kInternal, "an artifact with several networks is cut off");
    }
    std::memcpy(&length, bundle.data() + at, sizeof length);
    at += sizeof length;
    if (bundle.size() - at < length) {
      return Fail(ErrorKind::kInternal, "an artifact with several networks is cut off");
    }
    parts.push_back(bundle.substr(at, length));
    at += length;
  }
  return parts;
}

}  // namespace

Expected<ArtifactHash> Materials::PutNetwork(const Network& network) {
  NACRE_TRY(const ArtifactHash hash, Put(SerializeOnnx(network)));
  return hash;
}

Expected<std::shared_ptr<const Network>> Materials::GetNetwork(const ArtifactHash& hash) {
  return Cached<Network>("network " + hash, [&]() -> Expected<Network> {
    NACRE_TRY(const std::string bytes, Get(hash));
    return ParseOnnx(bytes);
  });
}

Expected<ArtifactHash> Materials::PutNetworks(std::span<const Network> networks) {
  std::string bundle;
  for (const Network& network : networks) AppendPart(bundle, SerializeOnnx(network));
  return Put(bundle);
}

Expected<std::vector<Network>> Materials::GetNetworks(const ArtifactHash& hash) {
  NACRE_TRY(const std::string bundle, Get(hash));
  NACRE_TRY(const std::vector<std::string> parts, PartsOf(bundle));
  std::vector<Network> networks;
  for (const std::string& part : parts) {
    NACRE_TRY(Network network, ParseOnnx(part));
    networks.push_back(std::move(network));
  }
  return networks;
}

void Materials::Offer(std::shared_ptr<const ImageSet> images) {
  const std::lock_guard guard(mutex_);
  images_[images->hash] = std::move(images);
}

void Materials::Offer(std::shared_ptr<const DetectionSet> set) {
  Offer(std::shared_ptr<const ImageSet>(set, &set->images));
  const std::lock_guard guard(mutex_);
  boxes_[set->images.hash] = std::move(set);
}

std::shared_ptr<const DetectionSet> Materials::Boxes(const std::string& hash) const {
  const std::lock_guard guard(mutex_);
  const auto found = boxes_.find(hash);
  return found == boxes_.end() ? nullptr : found->second;
}

Expected<std::shared_ptr<const ImageSet>> Materials::Images(const std::string& hash) const {
  const std::lock_guard guard(mutex_);
  const auto found = images_.find(hash);
  if (found != images_.end()) return found->second;
  return Fail(ErrorKind::kInternal, "a job names images that this run has not loaded: " + hash);
}

void Materials::SetTask(std::shared_ptr<const Task> task) {
  const std::lock_guard guard(mutex_);
  task_ = std::move(task);
}

std::shared_ptr<const Task> Materials::task() const {
  const std::lock_guard guard(mutex_);
  return task_;
}

Materials::Value Materials::Find(const std::string& key) {
  const std::lock_guard guard(mutex_);
  const auto found = std::find_if(recent_.begin(), recent_.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  if (found == recent_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found);
  return recent_.front().second;
}

void Materials::Remember(const std::string& key, Value value) {
  const std::lock_guard guard(mutex_);
  recent_.emplace_front(key, std::move(value));
  if (recent_.size() > kRemembered) recent_.pop_back();
}

}  // namespace nacre
