#include "data/orientation.h"

namespace nacre {

std::string OrientationName(Orientation orientation) {
  return orientation == Orientation::kExif ? "exif" : "file";
}

std::optional<Orientation> ParseOrientation(std::string_view name) {
  if (name == "exif") return Orientation::kExif;
  if (name == "file") return Orientation::kFile;
  return std::nullopt;
}

}  // namespace nacre
