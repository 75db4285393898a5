#include "engine/jobs/augmentation_json.h"

#include <nlohmann/json.hpp>

namespace nacre::engine_internal {

std::string AugmentationText(const Augmentation& augmentation) {
  return nlohmann::json{{"flip", augmentation.flip},   {"mirrored", augmentation.mirrored},
                        {"shift", augmentation.shift}, {"zoom", augmentation.zoom},
                        {"color", augmentation.color}, {"cutout", augmentation.cutout},
                        {"mix", augmentation.mix}}
      .dump();
}

Augmentation AugmentationFrom(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  return {.flip = json["flip"],
          .mirrored = json["mirrored"],
          .shift = json["shift"],
          .zoom = json["zoom"],
          .color = json["color"],
          .cutout = json["cutout"],
          .mix = json["mix"]};
}

}  // namespace nacre::engine_internal
