// What the outputs of a core mean, by what the file does with them.
#pragma once

#include "graph/core.h"
#include "task/answer_form.h"

namespace nacre {

// One part for each output of the core. Those that a Softmax or a Sigmoid reads are classes or
// logits; where the file does nothing more, four columns are boxes, `classes` are logits, and one
// more are classes of which the first is nothing. Boxes count where the classes beside them see
// something. Error (kModel): the shape of an output is not known.
Expected<AnswerForm> AnswerPartsOf(const Core& core, int64_t classes);

}  // namespace nacre
