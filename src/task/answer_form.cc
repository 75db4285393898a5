#include "task/answer_form.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "task/accuracy.h"
#include "task/answer_rows.h"
#include "task/log_softmax.h"

namespace nacre {

using namespace task_internal;

namespace {

constexpr char kJoined[] = "nacre_answers";  // begins the names of what JoinAnswers adds

const Value& OutputOf(const Network& network, const AnswerPart& part) {
  const auto found = std::find_if(network.outputs.begin(), network.outputs.end(),
                                  [&](const Value& value) { return value.name == part.value; });
  if (found != network.outputs.end()) return *found;
  throw std::logic_error("JoinAnswers: there is no output '" + part.value + "'");
}

Node MakeNode(const std::string& op, std::vector<std::string> inputs, const std::string& output) {
  return {.name = output, .op = op, .inputs = std::move(inputs), .outputs = {output}};
}

double SoftPlus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

double OfLogits(Row reference, Row answers) {
  double sum = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double a = reference[i], b = answers[i];
    sum += Sigmoid(a) * (SoftPlus(-b) - SoftPlus(-a)) + Sigmoid(-a) * (SoftPlus(b) - SoftPlus(a));
  }
  return sum;
}

double SmoothL1(Row reference, Row answers) {
  double sum = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double d = std::abs(static_cast<double>(reference[i]) - answers[i]);
    sum += d < 1 ? 0.5 * d * d : d - 0.5;
  }
  return sum;
}

// One image's answers, both ways.
class Comparison {
 public:
  Comparison(const AnswerForm& form, const std::vector<size_t>& begins, Row reference, Row answers)
      : form_(form), begins_(begins), reference_(reference), answers_(answers) {}

  double Sum() const {
    double sum = 0;
    for (size_t i = 0; i < form_.parts.size(); ++i) sum += OfPart(i);
    return sum;
  }

 private:
  double OfPart(size_t index) const {
    const AnswerPart& part = form_.parts[index];
    const bool weighted = part.seen_in.has_value(), tells = form_.Tells(index);
    double sum = 0, seen = 0;
    for (int64_t row = 0; row < part.rows; ++row) {
      const Row a = RowOf(form_, begins_, reference_, index, row),
                b = RowOf(form_, begins_, answers_, index, row);
      double surely = 1;
      if (weighted) {
        const size_t other = *part.seen_in;
        surely = Seen(form_.parts[other], RowOf(form_, begins_, reference_, other, row));
      }
      if (tells) seen += Seen(part, a);
      if (weighted) seen += surely;
      sum += surely * OfRow(index, a, b);
    }
    if (weighted || tells) return sum / std::max(1.0, seen);
    return sum /
           static_cast<double>(part.kind == AnswerKind::kClasses ? part.rows : part.numbers());
  }

  double OfRow(size_t index, Row a, Row b) const {
    const AnswerPart& part = form_.parts[index];
    if (part.kind == AnswerKind::kClasses) return RowDivergence(a, b);
    if (part.kind == AnswerKind::kLogits) return OfLogits(a, b);
    if (part.seen_in) return SmoothL1(a, b);
    double squares = 0;
    for (size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
    const size_t begin = begins_[index];
    return squares / Variance(reference_.subspan(begin, begins_[index + 1] - begin));
  }

  const AnswerForm& form_;
  const std::vector<size_t>& begins_;
  const Row reference_, answers_;
};

}  // namespace

bool AnswerForm::Tells(size_t part) const {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const AnswerPart& each) { return each.seen_in == part; });
}

Network JoinAnswers(const Network& network, const AnswerForm& form) {
  if (form.parts.empty()) return network;
  Network joined = network;
  std::vector<std::string> flat;
  int64_t numbers = 0;
  for (const AnswerPart& part : form.parts) {
    std::string value = OutputOf(network, part).name;
    const std::string name = kJoined + std::string("_") + std::to_string(flat.size());
    if (part.kind == AnswerKind::kClasses && OutputOf(network, part).shape.size() == 4) {
      joined.nodes.push_back(MakeNode("Transpose", {value}, name + "_columns"));
      joined.nodes.back().attributes["perm"] = std::vector<int64_t>{0, 2, 3, 1};
      value = name + "_columns";
    }
    joined.nodes.push_back(MakeNode("Flatten", {value}, name));
    joined.nodes.back().attributes["axis"] = int64_t{1};
    flat.push_back(name);
    numbers += part.numbers();
  }
  joined.nodes.push_back(MakeNode("Concat", flat, kJoined));
  joined.nodes.back().attributes["axis"] = int64_t{1};
  joined.outputs = {{.name = kJoined, .type = DataType::kFloat, .shape = {kDynamic, numbers}}};
  return joined;
}

Network SeparateAnswers(Network joined, const Network& plain, const AnswerForm& form) {
  if (form.parts.empty()) return joined;
  std::erase_if(joined.nodes, [](const Node& node) { return node.name.starts_with(kJoined); });
  joined.outputs = plain.outputs;
  return joined;
}

double Divergence(const AnswerForm& form, const Tensor& reference, const Tensor& answers) {
  if (form.parts.empty()) return Divergence(reference, answers);
  CheckAnswers(form, reference, answers);
  const std::vector<size_t> begins = BeginningsOf(form);
  const size_t columns = begins.back();
  const int64_t images = reference.shape()[0];
  double sum = 0;
  for (int64_t i = 0; i < images; ++i) {
    const size_t at = static_cast<size_t>(i) * columns;
    sum += Comparison(form, begins, reference.floats().subspan(at, columns),
                      answers.floats().subspan(at, columns))
               .Sum();
  }
  return images == 0 ? 0 : std::max(0.0, sum / static_cast<double>(images));
}

}  // namespace nacre
