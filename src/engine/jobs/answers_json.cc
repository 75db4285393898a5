#include "engine/jobs/answers_json.h"

#include <nlohmann/json.hpp>

#include "engine/jobs/augmentation_json.h"

namespace nacre::engine_internal {

std::string AnswersText(const StoredAnswers& answers) {
  return nlohmann::json{{"variants", answers.variants},
                        {"classes", answers.classes},
                        {"width", answers.width},
                        {"augmentation", AugmentationText(answers.augmentation)},
                        {"seed", answers.seed}}
      .dump();
}

StoredAnswers AnswersFrom(const std::string& text, const ArtifactHash& logits,
                          const ArtifactHash& features) {
  const auto json = nlohmann::json::parse(text);
  return {.logits = logits,
          .features = features,
          .variants = json["variants"],
          .classes = json["classes"],
          .width = json["width"],
          .augmentation = AugmentationFrom(json["augmentation"]),
          .seed = json["seed"]};
}

}  // namespace nacre::engine_internal
