#include "data/folder_listing.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "data/image_folder.h"

namespace nacre::data_internal {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

FileState StateOf(const struct stat& found) {
  return {found.st_size, found.st_mtim.tv_sec * int64_t{1'000'000'000} + found.st_mtim.tv_nsec};
}

struct Child {
  std::string path;
  bool folder = false, link = false;
  FileState state;  // of a file
};

// What a name in a folder stands for, with one look at it. A link that leads nowhere is a file, of
// no bytes.
Child LookAt(std::string path, bool link = false) {
  struct stat found = {};
  Child child{.path = std::move(path), .link = link};
  if (::stat(child.path.c_str(), &found) != 0) return child;
  child.folder = S_ISDIR(found.st_mode);
  child.state = StateOf(found);
  return child;
}

// Paths in the folder, sorted, without those whose names have a leading dot.
Expected<std::vector<Child>> ListChildren(const fs::path& folder) {
  std::error_code error;
  std::vector<Child> children;
  fs::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().native().front() != '.')
      children.push_back(LookAt(entry->path().native(), entry->is_symlink(error)));
  }
  if (error == std::errc::permission_denied) {
    return DataError(
        fmt::format("cannot read folder {}: permission denied: give this user the right to "
                    "read it",
                    folder.string()));
  }
  if (error) {
    return DataError(
        fmt::format("cannot read folder {}: {}: check the path", folder.string(), error.message()));
  }
  std::sort(children.begin(), children.end(),
            [](const Child& a, const Child& b) { return a.path < b.path; });
  return children;
}

bool IsFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool IsInside(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

// Takes out links to something inside `root`, to `root`, or to what it lies in: what they show has
// another name already, or no end. A link that leads out of `root`, or nowhere, stays.
void TakeInnerLinks(const fs::path& root, std::vector<Child>& children,
                    std::vector<std::string>& links) {
  std::error_code error;
  fs::path canonical_root;
  std::erase_if(children, [&](const Child& child) {
    if (!child.link) return false;
    if (canonical_root.empty()) canonical_root = fs::canonical(root, error);
    const fs::path target = fs::canonical(child.path, error);
    if (error || !(IsInside(target, canonical_root) || IsInside(canonical_root, target)))
      return false;
    links.push_back(child.path);
    return true;
  });
}

ListedFile Listed(Child&& child, int label) {
  return {std::move(child.path), label, child.state.size, child.state.modified};
}

constexpr const char* kForm =
    "it must hold one folder for each class, with the class's images in it";

tl::unexpected<Error> NoFilesError(const fs::path& root, const FolderListing& listing,
                                   const fs::path& first_inner) {
  if (first_inner.empty()) {
    return DataError(fmt::format("the {} class folders of {} are empty: {}", listing.classes.size(),
                                 root.string(), kForm));
  }
  return DataError(
      fmt::format("{} has folders in folders, but no images: give the folder that holds the "
                  "classes, for example {}",
                  root.string(), first_inner.parent_path().string()));
}

// Adds the class and its files. Folders inside are not entered; `first_inner` keeps the first of
// them, because it hints at a root that was given one level too high.
Expected<void> AddClass(const fs::path& root, const fs::path& folder, FolderListing& listing,
                        fs::path& first_inner) {
  NACRE_TRY(std::vector<Child> inside, ListChildren(folder));
  TakeInnerLinks(root, inside, listing.links);
  const int label = static_cast<int>(listing.classes.size());
  for (Child& child : inside) {
    if (!child.folder)
      listing.files.push_back(Listed(std::move(child), label));
    else if (first_inner.empty())
      first_inner = child.path;
  }
  listing.classes.push_back(folder.filename().string());
  return {};
}

}  // namespace

Expected<FolderListing> ListImageFolder(const fs::path& root) {
  std::error_code ignored;
  if (fs::exists(root, ignored) && !IsFolder(root)) {
    return DataError(fmt::format("{} is not a folder: {}", root.string(), kForm));
  }
  FolderListing listing;
  fs::path first_inner;
  NACRE_TRY(std::vector<Child> children, ListChildren(root));
  TakeInnerLinks(root, children, listing.links);
  for (const Child& child : children) {
    if (child.folder) NACRE_CHECK_OK(AddClass(root, child.path, listing, first_inner));
  }
  if (listing.classes.empty()) {
    return DataError(
        fmt::format("{} has no class folders: {}; for images without labels give --task "
                    "agreement",
                    root.string(), kForm));
  }
  if (listing.files.empty()) return NoFilesError(root, listing, first_inner);
  return listing;
}

Expected<FolderListing> ListFiles(const fs::path& root) {
  FolderListing listing{.classes = {kUnlabelled}};
  std::vector<fs::path> folders = {root};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    NACRE_TRY(std::vector<Child> children, ListChildren(folder));
    TakeInnerLinks(root, children, listing.links);
    for (Child& child : children) {
      if (!child.folder) {
        listing.files.push_back(Listed(std::move(child), 0));
      } else if (!child.link) {
        folders.emplace_back(child.path);
      }
    }
  }
  std::sort(listing.files.begin(), listing.files.end(),
            [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
  if (listing.files.empty()) {
    return DataError(fmt::format("{} holds no files: give a folder with images", root.string()));
  }
  return listing;
}

std::optional<FileState> StatFile(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return StateOf(found);
}

}  // namespace nacre::data_internal
