// A synthetic detection set, coloured squares on noise, and a detector of them that learns it in
// seconds: three forms of export, as detectors come.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "data/detection_set.h"
#include "graph/builder.h"
#include "task/box_decode.h"
#include "testing/plain_images.h"
#include "train/teacher.h"

namespace nacre {

constexpr int kSquareSide = 32, kSquareCells = 4, kSquareClasses = 2;

// Each cell of 8 x 8 pixels holds a square or none: red or green, of side 6 or 8, in its middle.
struct SquarePicture {
  std::vector<uint8_t> pixels;      // [32, 32, 3]
  std::vector<int> classes, sides;  // [16]; class -1: none
};

inline SquarePicture DrawSquares(Random& random) {
  SquarePicture picture;
  for (int i = 0; i < kSquareSide * kSquareSide * 3; ++i)
    picture.pixels.push_back(static_cast<uint8_t>(random.Below(60)));
  for (int cell = 0; cell < kSquareCells * kSquareCells; ++cell) {
    const bool empty = random.Below(4) != 0;
    picture.classes.push_back(empty ? -1 : static_cast<int>(random.Below(kSquareClasses)));
    picture.sides.push_back(random.Below(2) == 0 ? 6 : 8);
    if (empty) continue;
    const int side = picture.sides.back(), edge = (8 - side) / 2;
    const int left = 8 * (cell % kSquareCells) + edge, top = 8 * (cell / kSquareCells) + edge;
    for (int y = top; y < top + side; ++y) {
      for (int x = left; x < left + side; ++x)
        picture.pixels[static_cast<size_t>(3 * (kSquareSide * y + x) + picture.classes.back())] =
            static_cast<uint8_t>(180 + random.Below(60));
    }
  }
  return picture;
}

// Pictures and annotations.json in COCO's form, in `folder`.
inline void WriteSquares(const std::filesystem::path& folder, int count, uint64_t seed) {
  Random random(seed);
  std::string images, objects;
  int number = 0;
  for (int i = 1; i <= count; ++i) {
    const SquarePicture picture = DrawSquares(random);
    WriteFile(folder / "images" / fmt::format("{}.png", i),
              PngBytes(kSquareSide, kSquareSide, picture.pixels));
    images += fmt::format(R"({}{{"id": {}, "file_name": "{}.png", "width": 32, "height": 32}})",
                          i == 1 ? "" : ", ", i, i);
    for (size_t cell = 0; cell < picture.classes.size(); ++cell) {
      if (picture.classes[cell] < 0) continue;
      const int side = picture.sides[cell], edge = (8 - side) / 2;
      const int left = 8 * (static_cast<int>(cell) % kSquareCells) + edge;
      const int top = 8 * (static_cast<int>(cell) / kSquareCells) + edge;
      objects += fmt::format(
          R"({}{{"id": {}, "image_id": {}, "category_id": {}, "bbox": [{}, {}, {}, {}]}})",
          number == 0 ? "" : ", ", number + 1, i, picture.classes[cell] + 1, left, top, side, side);
      ++number;
    }
  }
  WriteFile(folder / "annotations.json",
            fmt::format(R"({{"images": [{}], "annotations": [{}], "categories": )"
                        R"([{{"id": 1, "name": "red"}}, {{"id": 2, "name": "green"}}]}})",
                        images, objects));
}

// An anchor in the middle of each cell, of 8 x 8 pixels.
inline std::vector<Anchor> SquareAnchors() {
  return MakeAnchors({{kSquareCells, kSquareCells, {{0.25, 1}}}});
}

// What a perfect detector answers to the images of a set: logits [16, 3], codes [16, 4].
inline TeacherOutputs SquareAnswers(const DetectionSet& set) {
  TeacherOutputs answers{.variants = 1, .classes = 16 * 7, .augmentation = {.flip = false}};
  answers.augmentation.shift = 0;
  for (int64_t image = 0; image < set.count(); ++image) {
    std::vector<float> row(16 * 7);
    for (size_t cell = 0; cell < 16; ++cell) row[3 * cell] = 8;
    for (const TrueObject& object : set.ObjectsInInput(image)) {
      const auto cell = static_cast<size_t>(4 * static_cast<int>(object.box.y0 / 8) +
                                            static_cast<int>(object.box.x0 / 8));
      row[3 * cell] = 0;
      row[3 * cell + 1 + static_cast<size_t>(object.label)] = 8;
      const auto code = static_cast<float>(5 * std::log(object.box.width() / 8));
      row[48 + 4 * cell + 2] = row[48 + 4 * cell + 3] = code;
    }
    answers.logits.insert(answers.logits.end(), row.begin(), row.end());
  }
  return answers;
}

inline AnswerForm SquareForm() {
  return {.parts = {{.value = "logits", .kind = AnswerKind::kClasses, .rows = 16, .columns = 3},
                    {.value = "codes", .rows = 16, .columns = 4, .seen_in = 0}}};
}

// A head: a convolution of the trunk [N, 32, 4, 4], and rows of boxes out of its map.
inline void AddHead(Network& network, int64_t columns, const std::string& name, Random random) {
  using Many = std::vector<int64_t>;
  std::vector<float> weights;
  for (int64_t i = 0; i < 32 * columns; ++i)
    weights.push_back(static_cast<float>(0.2 * random.Normal()));
  network.initializers[name + "_w"] = Tensor::Floats({columns, 32, 1, 1}, weights);
  network.initializers[name + "_b"] =
      Tensor::Floats({columns}, std::vector<float>(static_cast<size_t>(columns)));
  const std::string map = name + "_map";
  network.nodes.push_back({.name = map,
                           .op = "Conv",
                           .inputs = {"trunk", name + "_w", name + "_b"},
                           .outputs = {map},
                           .attributes = {{"kernel_shape", Many{1, 1}}}});
  network.nodes.push_back({.name = name + "_t",
                           .op = "Transpose",
                           .inputs = {map},
                           .outputs = {name + "_t"},
                           .attributes = {{"perm", Many{0, 2, 3, 1}}}});
  network.initializers[name + "_s"] = Tensor::Ints({3}, {0, -1, columns});
  network.nodes.push_back(
      {.name = name, .op = "Reshape", .inputs = {name + "_t", name + "_s"}, .outputs = {name}});
  network.outputs.push_back({.name = name, .shape = {kDynamic, 16, columns}});
}

// Raw heads: logits [N, 16, 3], of which the first class is nothing, and codes [N, 16, 4].
inline Network SquareDetector(uint64_t seed) {
  NetworkBuilder b("squares", "image", {kDynamic, 3, kSquareSide, kSquareSide}, Random(seed));
  std::string x = b.ConvBn("image", {.out = 16, .stride = 2});
  for (int i = 0; i < 3; ++i) x = b.ConvBn(x, {.out = 16});
  x = b.ConvBn(x, {.out = 32, .stride = 2});
  x = b.ConvBn(b.ConvBn(x, {.out = 32}), {.out = 32, .stride = 2});
  Network network = std::move(b).Finish(x, "trunk");
  network.outputs.clear();
  AddHead(network, 3, "logits", Random(seed).Fork("logits"));
  AddHead(network, 4, "codes", Random(seed).Fork("codes"));
  return network;
}

}  // namespace nacre
