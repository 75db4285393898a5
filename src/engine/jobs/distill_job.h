// Candidates learn the part of the teacher that they may replace, and are scored in its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/worker.h"

namespace nacre {

// Where a candidate goes: the values of the teacher that it reads and makes.
struct SpanEnds {
  std::string input, output;
};

struct CandidatesJob {
  ArtifactHash teacher;
  ArtifactHash fragments;       // the candidates as one artifact (Materials::PutNetworks)
  std::vector<SpanEnds> spans;  // one a fragment
  std::string images;           // the training set
  int64_t count = 0;            // images of it that are used; the seed says which
  uint64_t seed = 0;
};

// Kind "distill": each candidate sees `shown` images, repeats counted. Images that distil never
// score.
JobSpec DistillSpec(const CandidatesJob& job, int64_t shown);

struct Distilled {
  // Per fragment: its place among the networks of the artifact; nothing: it failed.
  std::vector<std::optional<size_t>> places;
  ArtifactHash fragments;
};
Distilled ReadDistilled(const JobResult& result);

// Kind "score": KL divergence of the teacher's outputs with the candidate in place.
JobSpec ScoreSpec(const CandidatesJob& job);
std::vector<std::optional<double>> ReadScores(const JobResult& result);

Expected<JobResult> RunDistill(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunScore(const JobSpec& job, const Workplace& place);

}  // namespace nacre
