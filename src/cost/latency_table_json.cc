#include <nlohmann/json.hpp>

#include "cost/latency_table.h"

namespace nacre {

std::string ToJson(const LatencyTable& table) {
  return nlohmann::json{{"fingerprint", table.fingerprint}, {"unit", "us"},
                        {"overhead", table.overhead},       {"scale", table.scale},
                        {"reference", table.reference},     {"bases", table.bases},
                        {"entries", table.entries}}
      .dump(1);
}

Expected<LatencyTable> LatencyTableFromJson(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    LatencyTable table;
    json.at("fingerprint").get_to(table.fingerprint);
    json.at("overhead").get_to(table.overhead);
    json.at("scale").get_to(table.scale);
    json.at("reference").get_to(table.reference);
    json.at("bases").get_to(table.bases);
    json.at("entries").get_to(table.entries);
    return table;
  } catch (const nlohmann::json::exception& error) {
    return Fail(
        ErrorKind::kInternal,
        std::string("latency table is broken, delete it and measure again: ") + error.what());
  }
}

}  // namespace nacre
