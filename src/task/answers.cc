#include "task/answers.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/hash.h"

namespace nacre {

Expected<ImageSet> WithAnswers(ImageSet images, std::vector<int> answers, int64_t classes) {
  if (answers.size() != images.labels.size()) {
    throw std::logic_error("WithAnswers: there must be an answer for each image");
  }
  if (std::any_of(answers.begin(), answers.end(), [](int answer) { return answer < 0; })) {
    return Fail(ErrorKind::kData,
                "the original answers some of the images with NaN: its answers cannot be the truth "
                "(--task agreement); is the preprocessing right?");
  }
  images.labels = std::move(answers);
  images.classes.clear();
  for (int64_t i = 0; i < classes; ++i) images.classes.push_back(std::to_string(i));
  images.hash = Hasher().Add("answers").Add(images.hash).Add(DescriptionHash(images)).Digest();
  return images;
}

}  // namespace nacre
