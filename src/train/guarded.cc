#include "train/guarded.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <string>

namespace nacre::train_internal {

Error FromException(const std::exception& error, const char* what) {
  if (const auto* failure = dynamic_cast<const Failure*>(&error)) return failure->error();
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  std::string message = torch ? torch->what_without_backtrace() : error.what();
  message = message.substr(0, message.find('\n'));
  return Error{ErrorKind::kInternal, std::string(what) + ": " + message};
}

TorchThreads::TorchThreads(int threads) : before_(at::get_num_threads()) {
  at::set_num_threads(threads);
}

TorchThreads::~TorchThreads() { at::set_num_threads(before_); }

}  // namespace nacre::train_internal
