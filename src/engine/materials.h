// Materials: what jobs read and write, by hash. Artifacts lie in the store of the run; data sets
// are those that the run has loaded. Networks that were read lately are kept parsed.
//
// Thread-safe.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "data/detection_set.h"
#include "data/image_set.h"
#include "engine/job.h"
#include "graph/network.h"
#include "store/run.h"
#include "task/task.h"

namespace nacre {

class Materials {
 public:
  // `store` must outlive it.
  explicit Materials(Run& store) : store_(store) {}

  Expected<ArtifactHash> Put(const std::string& bytes) { return store_.PutArtifact(bytes); }
  Expected<std::string> Get(const ArtifactHash& hash) { return store_.GetArtifact(hash); }

  // As ONNX.
  Expected<ArtifactHash> PutNetwork(const Network& network);
  Expected<std::shared_ptr<const Network>> GetNetwork(const ArtifactHash& hash);

  // Several networks as one artifact.
  Expected<ArtifactHash> PutNetworks(std::span<const Network> networks);
  Expected<std::vector<Network>> GetNetworks(const ArtifactHash& hash);

  // Data sets by content hash. Error (kInternal) when the run has not loaded such a set.
  void Offer(std::shared_ptr<const ImageSet> images);
  Expected<std::shared_ptr<const ImageSet>> Images(const std::string& hash) const;
  // Images with boxes: Images() finds the images, Boxes() all, by the images' hash; null when the
  // run has not loaded such a set.
  void Offer(std::shared_ptr<const DetectionSet> set);
  std::shared_ptr<const DetectionSet> Boxes(const std::string& hash) const;

  // What the run's networks are for; at first to classify, judged by top-1. The hashes of data sets
  // tell the task.
  void SetTask(std::shared_ptr<const Task> task);
  std::shared_ptr<const Task> task() const;

  // What `make` gives for this key; the last few values are kept.
  template <typename T>
  Expected<std::shared_ptr<const T>> Cached(const std::string& key,
                                            const std::function<Expected<T>()>& make) {
    if (auto found = Find(key)) return std::static_pointer_cast<const T>(found);
    NACRE_TRY(T made, make());
    auto value = std::make_shared<const T>(std::move(made));
    Remember(key, value);
    return value;
  }

 private:
  using Value = std::shared_ptr<const void>;
  Value Find(const std::string& key);
  void Remember(const std::string& key, Value value);

  Run& store_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ImageSet>> images_;
  std::map<std::string, std::shared_ptr<const DetectionSet>> boxes_;
  std::shared_ptr<const Task> task_ = std::make_shared<const ClassificationTask>();
  std::list<std::pair<std::string, Value>> recent_;  // the latest first
};

}  // namespace nacre
