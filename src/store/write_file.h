// Writing files that readers never see half written, and how a failure to write is reported.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

// Writes a file beside its place, syncs, renames: readers see the old bytes or the new. The error
// names path and reason (full disk, read-only, ...).
Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes);

// kInternal, with path, the system's reason for `error_number` and a cure where there is one.
tl::unexpected<Error> WriteFailure(const std::filesystem::path& path, int error_number);

// Makes a renamed or created name in `folder` survive a power cut.
Expected<void> SyncFolder(const std::filesystem::path& folder);

}  // namespace nacre
