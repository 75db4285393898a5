// Cases of non-maximum suppression as JSON from standard input, the indices that stay of each to
// standard output. A case: {"boxes": [[x0, y0, x1, y1], ...], "scores": [...], "most_iou": ...,
// "least_score": ..., "most_boxes": ...}.
#include <iostream>
#include <nlohmann/json.hpp>

#include "task/box_decode.h"

using namespace nacre;

int main() {
  nlohmann::json result = nlohmann::json::array();
  for (const auto& one : nlohmann::json::parse(std::cin)) {
    std::vector<Box> boxes;
    for (const auto& box : one.at("boxes")) boxes.push_back({box[0], box[1], box[2], box[3]});
    const auto scores = one.at("scores").get<std::vector<float>>();
    result.push_back(Suppress(boxes, scores,
                              {.most_iou = one.at("most_iou"),
                               .least_score = one.at("least_score"),
                               .most_boxes = one.at("most_boxes")}));
  }
  std::cout << result.dump() << '\n';
  return 0;
}
