#include "pipeline/session.h"

#include <algorithm>

#include "base/interrupt.h"
#include "target/remote.h"

namespace nacre {
namespace {

Compute ComputeOf(const MachineInfo& here, int workers) {
  return {.threads = workers > 0 ? workers : std::max(1, here.cores), .bf16 = here.HasBf16()};
}

JobHooks HooksOf(Run& store, Progress& progress) {
  return {.progress = [&progress](double fraction,
                                  const std::string& text) { progress.Update(fraction, text); },
          .cancelled = InterruptRequested,
          .scalar = [&store](const std::string& tag, int64_t step,
                             double value) { (void)store.LogScalar(tag, step, value); }};
}

}  // namespace

Session::Session(Run& store, Progress& progress, const SessionOptions& options,
                 MachineInfo target) {
  const Compute compute = ComputeOf(InspectMachine(), options.config.workers);
  const Budget budget(SteadyClock(), options.budgets.back(), options.spent);
  compiler_ = MakeOpenVinoCompiler();
  materials_ = std::make_unique<Materials>(store);
  materials_->SetTask(std::make_shared<const ClassificationTask>(*options.config.metric));
  executor_ = std::make_unique<InProcessExecutor>(
      Workplace{*materials_, *compiler_, SteadyClock(), compute, HooksOf(store, progress)});
  jobs_ = std::make_unique<JobRunner>(JobRunner::Parts{.store = &store,
                                                       .executor = executor_.get(),
                                                       .budget = budget,
                                                       .interrupted = InterruptRequested});
  services_ = std::make_unique<RunServices>(RunServices{.config = options.config,
                                                        .budgets = options.budgets,
                                                        .command = options.command,
                                                        .version = options.version,
                                                        .machine = std::move(target),
                                                        .compute = compute,
                                                        .budget = budget,
                                                        .store = store,
                                                        .materials = *materials_,
                                                        .jobs = *jobs_,
                                                        .compiler = *compiler_,
                                                        .progress = progress});
  progress.SetDeadline(budget.At(1));
}

Expected<void> Session::OpenRecording(const std::filesystem::path& folder) {
  NACRE_TRY(recording_, Run::Open(folder, Run::Mode::kResume));
  jobs_->TakeOver(*recording_);
  return {};
}

Expected<std::unique_ptr<Session>> Session::Start(Run& store, Progress& progress,
                                                  const SessionOptions& options) {
  NACRE_TRY(MachineInfo target, InspectTarget(options.config.target));
  NACRE_CHECK_OK(CheckServes(target, options.config.target));
  std::unique_ptr<Session> session(new Session(store, progress, options, std::move(target)));
  if (options.recording) NACRE_CHECK_OK(session->OpenRecording(*options.recording));
  return session;
}

}  // namespace nacre
