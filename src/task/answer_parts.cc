#include "task/answer_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graph/shapes.h"

namespace nacre {
namespace {

bool MovesOnly(const Node& node) {
  static const std::set<std::string> kMoves = {"Identity",  "Reshape",   "Flatten", "Squeeze",
                                               "Unsqueeze", "Transpose", "Concat",  "Slice",
                                               "Split",     "Gather",    "Cast",    "Resize"};
  return kMoves.contains(node.op);
}

// The first operation behind a value that does more than move it; nothing: there is none.
std::optional<AnswerKind> KindBehind(const Core& core, const std::string& value) {
  if (core.whole) return std::nullopt;
  std::set<std::string> moved = {value};
  for (size_t i = core.prologue; i < core.rest.nodes.size(); ++i) {
    const Node& node = core.rest.nodes[i];
    const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                   [&](const auto& input) { return moved.contains(input); });
    if (!reads) continue;
    if (node.op == "Softmax" || node.op == "LogSoftmax" || node.op == "ArgMax")
      return AnswerKind::kClasses;
    if (node.op == "Sigmoid") return AnswerKind::kLogits;
    if (!MovesOnly(node)) return AnswerKind::kNumbers;
    moved.insert(node.outputs.begin(), node.outputs.end());
  }
  return std::nullopt;
}

Expected<AnswerPart> PartOf(const Core& core, const Value& value, int64_t classes) {
  const Shape& shape = value.shape;
  const bool known = shape.size() >= 2 && std::all_of(shape.begin() + 1, shape.end(),
                                                      [](int64_t side) { return side > 0; });
  if (!known) {
    return Fail(ErrorKind::kModel, fmt::format("the shape of '{}', {}, is not known well enough to "
                                               "imitate it: fix the input's size by --size",
                                               value.name, ToString(shape)));
  }
  AnswerPart part{.value = value.name, .columns = shape.back()};
  for (size_t i = 1; i + 1 < shape.size(); ++i) part.rows *= shape[i];
  const auto kind = KindBehind(core, value.name);
  if (kind) {
    part.kind = *kind;
  } else if (part.columns == 4 || (part.columns != classes && part.columns != classes + 1)) {
    part.kind = AnswerKind::kNumbers;
  } else {
    part.kind = part.columns == classes ? AnswerKind::kLogits : AnswerKind::kClasses;
  }
  if (part.kind == AnswerKind::kClasses && shape.size() == 4) {
    part.columns = shape[1];
    part.rows = shape[2] * shape[3];
  }
  return part;
}

}  // namespace

Expected<AnswerForm> AnswerPartsOf(const Core& core, int64_t classes) {
  NACRE_TRY(const auto shapes, InferShapes(core.network, 1));
  AnswerForm form;
  for (const Value& output : core.network.outputs) {
    NACRE_TRY(AnswerPart part, PartOf(core, shapes.at(output.name), classes));
    form.parts.push_back(std::move(part));
  }
  for (AnswerPart& part : form.parts) {
    if (part.kind != AnswerKind::kNumbers) continue;
    for (size_t i = 0; i < form.parts.size() && !part.seen_in; ++i) {
      const AnswerPart& other = form.parts[i];
      if (other.kind != AnswerKind::kNumbers && other.rows == part.rows && part.rows > 1)
        part.seen_in = i;
    }
  }
  return form;
}

}  // namespace nacre
