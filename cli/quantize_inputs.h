// What `nacre quantize` works with: the network, the images that calibrate, and those that judge.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "cli/command.h"
#include "config/config.h"
#include "data/detection_set.h"
#include "graph/core.h"
#include "target/target.h"
#include "task/task.h"

namespace nacre {

struct OpenedModel {
  Network file;
  Core core;
  int64_t classes = 0;                      // of a classifier
  std::vector<ObjectClass> object_classes;  // of the images that calibrate a detector
};

// What judges the quantized network, and how.
struct Judging {
  std::shared_ptr<const ImageSet> images;
  std::shared_ptr<const Task> task;
};

// Sizes of images are completed in `config`. Errors: kModel, and those of FitToPreprocess.
Expected<OpenedModel> OpenModel(RunConfig& config, bool only_trainable);

// --train, --data/train, or --data itself when it holds the classes. May be empty.
std::filesystem::path CalibrationFolder(const SettingFlags& flags, const RunConfig& config);
// The images that calibrate, and that weights are tuned on; fills model.object_classes.
Expected<ImageSet> LoadCalibrating(const std::filesystem::path& folder, const RunConfig& config,
                                   OpenedModel& model);
// Those of data.val, with labels, with boxes, or with what the network answers.
Expected<Judging> LoadJudging(const OpenedModel& model, Compiler& compiler,
                              const RunConfig& config);

}  // namespace nacre
