#include "engine/jobs/elastic_text.h"

#include <nlohmann/json.hpp>

namespace nacre::engine_internal {

std::string ElasticText(const ElasticOptions& options) {
  return nlohmann::json{{"multiple", options.multiple},
                        {"least", options.least},
                        {"widths", options.widths},
                        {"kernel", options.kernel}}
      .dump();
}

ElasticOptions ElasticFrom(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  return {.multiple = json["multiple"],
          .least = json["least"],
          .widths = json["widths"],
          .kernel = json["kernel"]};
}

}  // namespace nacre::engine_internal
