#include "pipeline/agreement_task_for.h"

#include <map>
#include <mutex>

#include "target/evaluate.h"
#include "task/answer_parts.h"

namespace nacre {
namespace {

// Thread-safe.
class OriginalAnswers {
 public:
  OriginalAnswers(const AgreementInputs& inputs, const AnswerForm& form)
      : network_(JoinAnswers(inputs.core.network, form)),
        compiler_(inputs.compiler),
        threads_(inputs.threads),
        images_(inputs.images) {}

  Expected<std::shared_ptr<const Tensor>> Of(const std::string& hash) {
    const std::lock_guard guard(mutex_);
    if (const auto known = answers_.find(hash); known != answers_.end()) return known->second;
    NACRE_TRY(const auto images, images_(hash));
    NACRE_TRY(Tensor answers, PredictCompiled(compiler_, network_,
                                              {Precision::kFp32, threads_, kDynamic}, *images));
    return answers_[hash] = std::make_shared<const Tensor>(std::move(answers));
  }

 private:
  const Network network_;
  Compiler& compiler_;
  const int threads_;
  const std::function<Expected<std::shared_ptr<const ImageSet>>(const std::string&)> images_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Tensor>> answers_;  // by the hash of the images
};

}  // namespace

Expected<std::shared_ptr<const Task>> DenseAgreementTaskFor(const AgreementInputs& inputs) {
  NACRE_TRY(const AnswerForm form, AnswerPartsOf(inputs.core, /*classes=*/0));
  const auto answers = std::make_shared<OriginalAnswers>(inputs, form);
  return std::make_shared<const DenseAgreementTask>(
      form, [answers](const std::string& images) { return answers->Of(images); });
}

}  // namespace nacre
