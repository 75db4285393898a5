// What the answers of a network are held against.
#pragma once

#include <optional>
#include <string>

namespace nacre {

enum class TaskKind {
  kClassification,  // the classes that the folders of the images name
  kAgreement,       // the class that the original names: images need no labels
  kDetection,       // boxes around objects, as annotations beside the images have them
};

inline std::string TaskName(TaskKind kind) {
  if (kind == TaskKind::kDetection) return "detection";
  return kind == TaskKind::kAgreement ? "agreement" : "classification";
}

// Nothing when there is no such task.
inline std::optional<TaskKind> ParseTask(const std::string& name) {
  for (const TaskKind kind :
       {TaskKind::kClassification, TaskKind::kAgreement, TaskKind::kDetection}) {
    if (name == TaskName(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace nacre
