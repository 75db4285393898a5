#include "engine/job.h"

#include "base/hash.h"

namespace nacre {

std::string KeyOf(const JobSpec& job) {
  Hasher hasher;
  hasher.Add(job.kind).Add(int64_t{job.version}).Add(job.parameters);
  for (const ArtifactHash& input : job.inputs) hasher.Add(input);
  return hasher.Digest();
}

}  // namespace nacre
