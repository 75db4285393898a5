// The teacher's answers to every training image, for several augmentations of it.
#pragma once

#include <memory>
#include <string>

#include "engine/worker.h"
#include "train/augmentation.h"
#include "train/teacher.h"

namespace nacre {

struct TeacherJob {
  ArtifactHash teacher;  // float, as it is trained
  ArtifactHash int8;     // the quantized original, which answers faster where it can be compiled
  std::string images;    // the training set
  int64_t variants = 1;
  Augmentation augmentation;
  int64_t width = 0;  // of what the classifier reads, which is kept too; 0: only logits are
  uint64_t seed = 0;
};

// Kind "teacher".
JobSpec TeacherSpec(const TeacherJob& job);

// The answers in the store. Arrays of floats, [variants, images, classes] and the same of width.
struct StoredAnswers {
  ArtifactHash logits, features;
  int64_t variants = 0, classes = 0, width = 0;
  Augmentation augmentation;
  uint64_t seed = 0;
};
StoredAnswers ReadAnswers(const TeacherJob& job, const JobResult& result);

// In memory; the latest that were asked for stay there.
Expected<std::shared_ptr<const TeacherOutputs>> LoadAnswers(Materials& materials,
                                                            const StoredAnswers& answers);

Expected<JobResult> RunTeacher(const JobSpec& job, const Workplace& place);

}  // namespace nacre
