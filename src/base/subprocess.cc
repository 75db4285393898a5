#include "base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace nacre {
namespace {

constexpr int kTickMilliseconds = 20;

// An owned descriptor, always above 2 so that the child's dup2 onto 0, 1, 2 never collides with it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd_ >= 0 && fd_ < 3) {
      fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 3);
      close(fd);
    }
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Close(); }
  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

tl::unexpected<Error> StartFailure(const ProcessOptions& options, int error) {
  return Fail(ErrorKind::kInternal,
              fmt::format("cannot start {}: {}", options.arguments[0], std::strerror(error)));
}

bool MakePipe(Pipe& made) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return false;
  made.read = Descriptor(fds[0]);
  made.write = Descriptor(fds[1]);
  return fcntl(made.read.get(), F_SETFL, O_NONBLOCK) == 0;
}

// A file in memory that holds `bytes`, read from its start.
Descriptor MemoryFile(std::string_view bytes) {
  Descriptor file(memfd_create("nacre-input", MFD_CLOEXEC));
  while (file.get() >= 0 && !bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Descriptor();
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (file.get() >= 0) lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<std::string> MergedEnvironment(const std::vector<std::string>& extra) {
  std::vector<std::string> merged = extra;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view whole = *entry, name = whole.substr(0, whole.find('=') + 1);
    const bool replaced = std::any_of(extra.begin(), extra.end(), [&](const std::string& item) {
      return item.starts_with(name);
    });
    if (!replaced) merged.emplace_back(*entry);
  }
  return merged;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, made ready before vfork: between vfork and exec it only makes system
// calls.
struct ChildPlan {
  char* const* arguments;
  char* const* environment;
  int input, output, errors;
  pid_t parent;
  volatile int error = 0;  // errno of a failed exec; the memory is shared until then
};

[[noreturn]] void BecomeChild(ChildPlan* plan) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == plan->parent && dup2(plan->input, 0) == 0 && dup2(plan->output, 1) == 1 &&
      dup2(plan->errors, 2) == 2) {
    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execvpe(plan->arguments[0], plan->arguments, plan->environment);
  }
  plan->error = errno == 0 ? ECHILD : errno;
  _exit(127);
}

// The pid, or -1 with errno. Signals are blocked across, so that no handler runs in the borrowed
// memory.
__attribute__((noinline)) pid_t Spawn(ChildPlan* plan) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = vfork();
  if (pid == 0) BecomeChild(plan);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

int64_t ResidentBytes(pid_t pid) {
  char path[40], text[128] = {};
  std::snprintf(path, sizeof path, "/proc/%d/statm", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  long long total = 0, resident = 0;
  if (count <= 0 || std::sscanf(text, "%lld %lld", &total, &resident) != 2) return 0;
  return resident * sysconf(_SC_PAGESIZE);
}

// Reads what is there. Closes the descriptor at the end of the stream.
void Drain(Descriptor& from, std::string& into, int64_t most) {
  char buffer[65536];
  while (from.get() >= 0) {
    const ssize_t count = read(from.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return from.Close();
    const int64_t room = std::max<int64_t>(0, most - static_cast<int64_t>(into.size()));
    into.append(buffer, static_cast<size_t>(std::min<int64_t>(count, room)));
  }
}

bool HasEnded(pid_t pid) {
  siginfo_t info = {};
  const int failed = waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return failed != 0 || info.si_pid == pid;
}

// Kills the group when a limit is hit; says whether it did.
bool Enforce(const ProcessOptions& options, pid_t pid, Seconds spent, ProcessResult& result) {
  if (options.timeout.count() > 0 && spent > options.timeout) result.timed_out = true;
  if (options.most_memory.count > 0) {
    const int64_t resident = ResidentBytes(pid);
    result.peak_memory.count = std::max(result.peak_memory.count, resident);
    result.out_of_memory |= resident > options.most_memory.count;
  }
  if (options.cancelled && options.cancelled()) result.cancelled = true;
  if (!result.timed_out && !result.out_of_memory && !result.cancelled) return false;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  return true;
}

void Watch(const ProcessOptions& options, pid_t pid, Pipe& output, Pipe& errors,
           ProcessResult& result) {
  const Seconds start = SteadyClock().Now();
  Descriptor exit_notice(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  bool killed = false;
  while (!HasEnded(pid)) {
    pollfd waits[3] = {{output.read.get(), POLLIN, 0},
                       {errors.read.get(), POLLIN, 0},
                       {exit_notice.get(), POLLIN, 0}};
    poll(waits, 3, kTickMilliseconds);
    Drain(output.read, result.output, options.most_output.count);
    Drain(errors.read, result.errors, options.most_output.count);
    if (!killed) killed = Enforce(options, pid, SteadyClock().Now() - start, result);
  }
  kill(-pid, SIGKILL);  // what it left behind; it is not yet reaped, so the number is still its own
  Drain(output.read, result.output, options.most_output.count);
  Drain(errors.read, result.errors, options.most_output.count);
  int status = 0;
  rusage usage = {};
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  result.seconds = SteadyClock().Now() - start;
  // The kernel brings ru_maxrss up to date now and then only: what was seen may be more.
  result.peak_memory.count = std::max<int64_t>(result.peak_memory.count, usage.ru_maxrss * 1024);
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (result.signal != SIGKILL) {  // it ended by itself just before the blow
    result.timed_out = result.out_of_memory = result.cancelled = false;
  }
}

}  // namespace

std::string ProcessResult::Outcome() const {
  if (timed_out) return fmt::format("timed out after {:.1f} s", seconds.count());
  if (out_of_memory) return fmt::format("took too much memory ({} MiB)", peak_memory.count >> 20);
  if (cancelled) return "cancelled";
  if (signal != 0) return fmt::format("killed by signal {} ({})", signal, strsignal(signal));
  return fmt::format("exit code {}", exit_code);
}

Expected<ProcessResult> RunProcess(const ProcessOptions& options) {
  if (options.arguments.empty()) throw std::logic_error("RunProcess: no program given");
  const std::vector<std::string> environment = MergedEnvironment(options.environment);
  const std::vector<char*> arguments = Pointers(options.arguments),
                           variables = Pointers(environment);
  Pipe output, errors;
  Descriptor input = MemoryFile(options.input);
  if (input.get() < 0 || !MakePipe(output) || !MakePipe(errors))
    return StartFailure(options, errno);

  ChildPlan plan{arguments.data(),   variables.data(),   input.get(),
                 output.write.get(), errors.write.get(), getpid()};
  const pid_t pid = Spawn(&plan);
  if (pid < 0) return StartFailure(options, errno);
  input.Close();
  output.write.Close();
  errors.write.Close();
  ProcessResult result;
  Watch(options, pid, output, errors, result);
  if (plan.error != 0) return StartFailure(options, plan.error);
  return result;
}

}  // namespace nacre
