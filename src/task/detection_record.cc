#include <array>
#include <cstring>
#include <stdexcept>

#include "task/detection_task.h"

namespace nacre {
namespace {

// In the machine's order: records stay where they were made.
template <typename T>
void Append(T value, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T Take(const std::string& bytes, size_t& at) {
  if (bytes.size() - at < sizeof(T)) throw std::logic_error("a record of detections is cut off");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  at += sizeof value;
  return value;
}

struct NamedMetric {
  BoxMetric metric;
  const char *name, *title;
};
constexpr std::array<NamedMetric, 4> kMetrics = {{{BoxMetric::kMap, "map", "mAP"},
                                                  {BoxMetric::kMap50, "map50", "mAP@0.5"},
                                                  {BoxMetric::kVoc2007, "voc07", "VOC07 mAP"},
                                                  {BoxMetric::kVoc2010, "voc10", "VOC10 mAP"}}};

}  // namespace

std::string BoxMetricName(BoxMetric metric) { return kMetrics[static_cast<size_t>(metric)].name; }
std::string BoxMetricTitle(BoxMetric metric) { return kMetrics[static_cast<size_t>(metric)].title; }

std::optional<BoxMetric> ParseBoxMetric(const std::string& name) {
  for (const NamedMetric& each : kMetrics) {
    if (name == each.name) return each.metric;
  }
  return std::nullopt;
}

std::string RecordOf(const Detections& detections) {
  std::string bytes;
  for (const auto& of_image : detections) {
    Append(static_cast<uint32_t>(of_image.size()), bytes);
    for (const Detection& each : of_image) {
      Append(static_cast<int32_t>(each.label), bytes);
      Append(each.score, bytes);
      Append(each.box, bytes);
    }
  }
  return bytes;
}

Detections DetectionsIn(const std::string& record) {
  Detections detections;
  for (size_t at = 0; at < record.size();) {
    const auto count = Take<uint32_t>(record, at);
    detections.emplace_back();
    for (uint32_t i = 0; i < count; ++i) {
      const auto label = Take<int32_t>(record, at);
      const auto score = Take<double>(record, at);
      detections.back().push_back({label, score, Take<Box>(record, at)});
    }
  }
  return detections;
}

}  // namespace nacre
