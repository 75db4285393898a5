// Stored answers of the teacher as parameters and inputs of a job. Private to engine/.
#pragma once

#include <string>

#include "engine/jobs/teacher_job.h"

namespace nacre::engine_internal {

// All but the artifacts, which are inputs of the job.
std::string AnswersText(const StoredAnswers& answers);
StoredAnswers AnswersFrom(const std::string& text, const ArtifactHash& logits,
                          const ArtifactHash& features);

}  // namespace nacre::engine_internal
