// Where torch is called: what it throws becomes an Error, and its threads are set.
// Private to train/.
#pragma once

#include <exception>
#include <stdexcept>
#include <utility>

#include "base/expected.h"

namespace nacre::train_internal {

// An Error on its way through code that can only throw: FromException gives it back as it was.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

// Error (kInternal): what was being done, and the first line of what torch says, without its
// backtrace.
Error FromException(const std::exception& error, const char* what);

// Runs `body`, which returns an Expected, and turns what it throws into its Error. A
// std::logic_error passes: that is a broken contract, not a failure.
template <typename F>
auto Guarded(const char* what, F&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::logic_error&) {
    throw;
  } catch (const std::exception& error) {
    return tl::unexpected<Error>(FromException(error, what));
  }
}

// Torch's number of threads in the calling thread, for as long as this lives.
class TorchThreads {
 public:
  explicit TorchThreads(int threads);
  ~TorchThreads();
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;

 private:
  int before_;
};

}  // namespace nacre::train_internal
