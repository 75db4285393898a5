// Expected<T>: a value or an Error. For failures that a run must survive (unsupported operation,
// compile failure, unreadable file). Broken contracts throw std::logic_error instead.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace nacre {

// The value is the process's exit code when the error ends a command.
enum class ErrorKind {
  kInternal = 1,
  kUsage = 2,         // command line or configuration
  kModel = 3,         // model unsupported or broken
  kData = 4,          // data set unreadable, wrong, too small
  kTarget = 5,        // target unreachable, cannot serve the request, or too noisy to measure
  kNothingMet = 6,    // nothing met the limit; the front is still written
  kInterrupted = 130  // resumable
};

// `message` is one line: names the thing and the cure.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
};

template <typename T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

}  // namespace nacre

#define NACRE_CONCAT_(a, b) a##b
#define NACRE_CONCAT(a, b) NACRE_CONCAT_(a, b)

// NACRE_TRY(auto x, MakeX());  binds the value, or returns the error from the enclosing function.
#define NACRE_TRY(declaration, expression) \
  NACRE_TRY_(NACRE_CONCAT(nacre_try_, __LINE__), declaration, expression)
#define NACRE_TRY_(temporary, declaration, expression)                      \
  auto temporary = (expression);                                            \
  if (!temporary) return tl::unexpected<::nacre::Error>(temporary.error()); \
  declaration = std::move(*temporary)

// NACRE_CHECK_OK(DoIt());  for Expected<void>: returns the error from the enclosing function.
#define NACRE_CHECK_OK(expression)                                 \
  do {                                                             \
    if (auto nacre_result = (expression); !nacre_result)           \
      return tl::unexpected<::nacre::Error>(nacre_result.error()); \
  } while (false)
