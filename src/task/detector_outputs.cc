#include "task/detector_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace nacre {
namespace {

std::string Lower(std::string text) {
  for (char& each : text) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return text;
}

bool IsNamed(const Value& output, std::initializer_list<const char*> words) {
  const std::string name = Lower(output.name);
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

bool IsInteger(const Value& output) { return output.type != DataType::kFloat; }

std::string ListOf(const std::vector<Value>& outputs) {
  std::string list;
  for (const Value& each : outputs) {
    list += fmt::format("{}'{}' {} {}", list.empty() ? "" : ", ", each.name,
                        DataTypeName(each.type), ToString(each.shape));
  }
  return list;
}

tl::unexpected<Error> NotADetector(const std::vector<Value>& outputs, const std::string& missing) {
  return Fail(ErrorKind::kModel,
              fmt::format("no output holds {}: a detector has boxes [N, boxes, 4] and scores "
                          "[N, boxes, classes], or boxes, scores and classes of chosen boxes; this "
                          "model has {}",
                          missing, ListOf(outputs)));
}

// Outputs by what they hold; each is taken once.
class Finder {
 public:
  explicit Finder(const std::vector<Value>& outputs) : outputs_(outputs) {}

  template <typename Fits>
  std::optional<size_t> Take(Fits fits) {
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (taken_.size() <= i) taken_.resize(outputs_.size());
      if (taken_[i] || !fits(outputs_[i])) continue;
      taken_[i] = true;
      return i;
    }
    return std::nullopt;
  }

 private:
  const std::vector<Value>& outputs_;
  std::vector<bool> taken_;
};

}  // namespace

Expected<DetectorOutputs> FindDetectorOutputs(const std::vector<Value>& outputs) {
  const auto rank = [](const Value& each) { return each.shape.size(); };
  const auto has_four = [&](const Value& each) {
    return !IsInteger(each) && (rank(each) == 2 || rank(each) == 3) && each.shape.back() == 4;
  };
  Finder finder(outputs);
  DetectorOutputs found;
  auto boxes = finder.Take([&](const Value& each) {
    return has_four(each) && IsNamed(each, {"box", "loc", "code", "regress"});
  });
  if (!boxes) boxes = finder.Take(has_four);
  if (!boxes) return NotADetector(outputs, "boxes");
  found.boxes = *boxes;
  const size_t boxed = rank(outputs[*boxes]);
  found.count = finder.Take([&](const Value& each) {
    return rank(each) < boxed - 1 || (rank(each) == 1 && IsNamed(each, {"num", "count"}));
  });
  const auto each_box = [&](const Value& each) { return rank(each) == boxed - 1; };
  found.classes = finder.Take([&](const Value& each) { return each_box(each) && IsInteger(each); });
  if (!found.classes) {
    found.classes = finder.Take([&](const Value& each) {
      return each_box(each) && IsNamed(each, {"class", "label"}) && !IsNamed(each, {"score"});
    });
  }
  const auto scores = finder.Take([&](const Value& each) {
    return !IsInteger(each) && (found.classes ? each_box(each) : rank(each) == 3);
  });
  if (!scores) return NotADetector(outputs, "scores");
  found.scores = *scores;
  return found;
}

std::string Describe(const BoxReading& reading) {
  const char* order = reading.order == BoxOrder::kCorners ? "left, top, right, bottom"
                      : reading.order == BoxOrder::kCornersByRows
                          ? "top, left, bottom, right"
                          : "centre x, centre y, width, height";
  return fmt::format(
      "{} in {}; {}", order, reading.unit == BoxUnit::kSide ? "fractions of the sides" : "pixels",
      reading.first_class == 0 ? "the first class is 0" : "0 is no class, the first is 1");
}

std::vector<BoxReading> PossibleReadings(int64_t columns, int64_t classes) {
  std::vector<BoxReading> readings;
  for (const int first : {0, 1}) {
    if (columns > 0 && columns != classes + first) continue;
    for (const BoxUnit unit : {BoxUnit::kSide, BoxUnit::kPixel}) {
      for (const BoxOrder order :
           {BoxOrder::kCorners, BoxOrder::kCornersByRows, BoxOrder::kCentres}) {
        readings.push_back({order, unit, first});
      }
    }
  }
  return readings;
}

}  // namespace nacre
