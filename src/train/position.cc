#include "train/position.h"

#include <cstdlib>

namespace nacre::train_internal {
namespace {

constexpr char kStep[] = "step";
constexpr char kFraction[] = "fraction";
constexpr char kLoss[] = "loss";

// Error (kData) when the state lacks the number.
Expected<double> NumberIn(const SafeTensors& state, const std::string& name) {
  const auto found = state.metadata.find(name);
  char* end = nullptr;
  const double number =
      found == state.metadata.end() ? 0 : std::strtod(found->second.c_str(), &end);
  if (end != nullptr && end != found->second.c_str()) return number;
  return Fail(ErrorKind::kData,
              "the training state lacks its " + name + ": start the training anew");
}

}  // namespace

void SavePosition(const Position& position, SafeTensors& state) {
  state.metadata[kStep] = std::to_string(position.step);
  state.metadata[kFraction] = std::to_string(position.fraction);
  state.metadata[kLoss] = std::to_string(position.loss);
}

Expected<Position> ReadPosition(const SafeTensors& state, int64_t steps) {
  Position position;
  NACRE_TRY(const double step, NumberIn(state, kStep));
  position.step = static_cast<int64_t>(step);
  position.fraction = NumberIn(state, kFraction).value_or(step / static_cast<double>(steps));
  NACRE_TRY(position.loss, NumberIn(state, kLoss));
  return position;
}

}  // namespace nacre::train_internal
