// An executor for tests: each job runs in a child process of its own, the last job first.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "engine/executor.h"
#include "engine/workers.h"

namespace nacre {

class ReverseExecutor : public Executor {
 public:
  // `workers` must outlive it.
  ReverseExecutor(Workplace place, const WorkerTable& workers)
      : place_(std::move(place)), workers_(workers) {}

  Expected<void> Run(std::span<const JobSpec> jobs, const Ended& ended) override {
    for (size_t i = jobs.size(); i-- > 0;) {
      const Seconds start = place_.clock.Now();
      const Expected<JobResult> result = RunInChild(jobs[i]);
      NACRE_CHECK_OK(ended(i, result, place_.clock.Now() - start));
    }
    return {};
  }

 private:
  // One field a line: "ok" or the kind of the error, value or message, artifacts.
  static std::string Text(const Expected<JobResult>& result) {
    if (!result) {
      return std::to_string(static_cast<int>(result.error().kind)) + "\n" + result.error().message +
             "\n";
    }
    std::string text = "ok\n" + result->value + "\n";
    for (const ArtifactHash& artifact : result->artifacts) text += artifact + "\n";
    return text;
  }

  static Expected<JobResult> Parse(const std::string& text) {
    std::istringstream lines(text);
    std::string first, second;
    if (!std::getline(lines, first) || !std::getline(lines, second)) {
      return Fail(ErrorKind::kInternal, "a child process ended without a result");
    }
    if (first != "ok") return Fail(static_cast<ErrorKind>(std::stoi(first)), second);
    JobResult result{.value = second};
    for (std::string line; std::getline(lines, line);) result.artifacts.push_back(line);
    return result;
  }

  Expected<JobResult> RunInChild(const JobSpec& job) const {
    int ends[2];
    if (pipe(ends) != 0) return Fail(ErrorKind::kInternal, "cannot make a pipe");
    const pid_t child = fork();
    if (child == 0) {
      const std::string text = Text(RunJob(job, place_, workers_));
      const bool written = write(ends[1], text.data(), text.size()) >= 0;
      _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return Parse(text);
  }

  Workplace place_;
  const WorkerTable& workers_;
};

}  // namespace nacre
