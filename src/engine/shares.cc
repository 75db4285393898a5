#include "engine/shares.h"

namespace nacre::shares {

std::span<const Number* const> All() {
  static constexpr const Number* kAll[] = {&kLeastBudget,         &kLeastMore,
                                           &kLongBudget,          &kTraining,
                                           &kFirstRound,          &kFinalOfLaterRound,
                                           &kDistillation,        &kScores,
                                           &kTeacherOutputs,      &kSearchEnds,
                                           &kLaterSearchEnds,     &kLeastSearch,
                                           &kFirstRung,           &kSecondRung,
                                           &kFinalists,           &kOneFinalist,
                                           &kFirstFinalistLeast,  &kFirstFinalistMost,
                                           &kOnlyFinalistLeast,   &kLeastEpochs,
                                           &kLeastEpochsOfTwo,    &kMoreAttempts,
                                           &kSupernetTraining,    &kSubnetSearch,
                                           &kLeastSubnets,        &kMostSubnets,
                                           &kSegmentEpochs,       &kDepthStageEnds,
                                           &kHalfWidthStageEnds,  &kSegmentSeconds,
                                           &kTuningEnds,          &kLeastSearchSeconds,
                                           &kInt8LossMost,        &kLeastTrainingShare,
                                           &kGuardSlack,          &kTableEnds,
                                           &kMostSearch,          &kPriced,
                                           &kLeastShareLeft,      &kStageSlack,
                                           &kLeastTuning,         &kFragmentsPerJob,
                                           &kFragmentBytesPerJob, &kCandidatesPerJob};
  return kAll;
}

}  // namespace nacre::shares
