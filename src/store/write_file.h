// Writing files that readers never see half written, and how a failure to write is reported.
// Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace nacre {

// Writes a file beside its place, syncs it and renames it: readers see the old bytes or the new
// ones. The error names the path and the reason (full disk, read-only, ...).
Expected<void> WriteFileAtomically(const std::filesystem::path& path, const std::string& bytes);

// Appends the bytes by one write(2) and creates the file when it is missing: a kill leaves all of
// them, none, or a beginning. Not synced: a power cut may lose them. Error: among others, the path
// is a symbolic link, for a run folder may come from a stranger.
Expected<void> AppendToFile(const std::filesystem::path& path, std::string_view bytes);

// kInternal, with the path, the system's reason for `error_number` and a remedy where there is one.
tl::unexpected<Error> WriteFailure(const std::filesystem::path& path, int error_number);

// Makes a renamed or created name in `folder` survive a power cut.
Expected<void> SyncFolder(const std::filesystem::path& folder);

}  // namespace nacre
