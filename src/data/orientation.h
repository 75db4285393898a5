// What is done with photographs that were taken with the camera on its side.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nacre {

// kExif: they are turned upright, as their EXIF data say and as every viewer shows them. kFile:
// they stay as they are stored, as the loaders of torchvision and TensorFlow leave them.
enum class Orientation { kExif, kFile };
std::string OrientationName(Orientation orientation);                // "exif" or "file"
std::optional<Orientation> ParseOrientation(std::string_view name);  // nothing when it is neither

}  // namespace nacre
