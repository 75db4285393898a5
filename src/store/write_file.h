// What the store's files have in common: how a failure to write is told.
#pragma once

#include <filesystem>

#include "base/expected.h"

namespace nacre {

// kInternal, with path, the system's reason for `error_number` and a cure where there is one.
tl::unexpected<Error> WriteFailure(const std::filesystem::path& path, int error_number);

// Makes a renamed or created name in `folder` survive a power cut.
Expected<void> SyncFolder(const std::filesystem::path& folder);

}  // namespace nacre
