#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

namespace nacre {
namespace {

std::string Clocked(Seconds time) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, time.count())));
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

class Lines : public Progress {
 public:
  Lines(std::ostream& out, const Clock& clock, const ProgressOptions& options)
      : out_(out), clock_(clock), options_(options), last_(clock.Now() - options.every) {
    if (options.heartbeat > Seconds(0)) beating_ = std::thread([this] { Beat(); });
  }
  ~Lines() override {
    if (beating_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        ended_ = true;
      }
      wake_.notify_all();
      beating_.join();
    }
    if (drawn_) out_ << "\r\x1b[K" << std::flush;
  }

  void Stage(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    stage_ = name;
    Draw(0, "");
  }

  void SetDeadline(Seconds deadline) override {
    const std::lock_guard lock(mutex_);
    deadline_ = deadline;
  }

  void Update(double fraction, const std::string& text) override {
    const std::lock_guard lock(mutex_);
    if (clock_.Now() - last_ < (options_.terminal ? Seconds(0.1) : options_.every)) {
      fraction_ = fraction;
      text_ = text;
      return;
    }
    Draw(fraction, text);
  }

 private:
  void Draw(double fraction, const std::string& text) {
    const Seconds now = clock_.Now();
    last_ = now;
    fraction_ = fraction;
    text_ = text;
    std::string line = fmt::format("[{}] {:3.0f} %", stage_, 100 * std::clamp(fraction, 0.0, 1.0));
    if (!text.empty()) line += "  " + text;
    if (deadline_.count() > 0) line += fmt::format("  ({} left)", Clocked(deadline_ - now));
    if (options_.terminal) {
      if (line.size() > static_cast<size_t>(options_.width)) line.resize(options_.width);
      out_ << '\r' << line << "\x1b[K" << std::flush;
      drawn_ = true;
    } else {
      out_ << line << '\n' << std::flush;
    }
  }

  // The last line again, with what is left now, where nothing else was drawn meanwhile.
  void Beat() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, options_.heartbeat, [this] { return ended_; })) {
      if (!stage_.empty() && clock_.Now() - last_ >= options_.heartbeat) Draw(fraction_, text_);
    }
  }

  std::ostream& out_;
  const Clock& clock_;
  const ProgressOptions options_;
  Seconds last_, deadline_{0};
  std::string stage_, text_;
  double fraction_ = 0;
  bool drawn_ = false, ended_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread beating_;
};

class Silent : public Progress {
 public:
  void Stage(const std::string&) override {}
  void Update(double, const std::string&) override {}
  void SetDeadline(Seconds) override {}
};

}  // namespace

std::unique_ptr<Progress> MakeProgress(std::ostream& out, const Clock& clock,
                                       const ProgressOptions& options) {
  return std::make_unique<Lines>(out, clock, options);
}

std::unique_ptr<Progress> MakeTerminalProgress(const Clock& clock) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  return MakeProgress(std::cerr, clock,
                      {.terminal = terminal, .heartbeat = Seconds(terminal ? 1 : 20)});
}

std::unique_ptr<Progress> MakeSilentProgress() { return std::make_unique<Silent>(); }

}  // namespace nacre
