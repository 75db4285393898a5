// The child's side of MeasureInChild.
#include <unistd.h>

#include "target/descriptors.h"
#include "target/measure.h"
#include "target/openvino.h"
#include "target/wire.h"

namespace nacre {

using namespace target_internal;

namespace {

class ReplyWriter {
 public:
  explicit ReplyWriter(int fd) : fd_(fd) {}

  // From now on job `i` is worked on: a crash is its fault.
  void SendWorkingOn(uint64_t i) {
    if (i == current_) return;
    current_ = i;
    Send(FrameWriter().Put(static_cast<uint8_t>(Reply::kWorkingOn)).Put(i));
  }
  void SendFailure(uint64_t i, const Error& error) {
    Send(FrameWriter()
             .Put(static_cast<uint8_t>(Reply::kFailed))
             .Put(i)
             .Put(static_cast<int>(error.kind))
             .Put(error.message));
  }
  void SendMeasurement(uint64_t i, const Measurement& m, const Ratio& r) {
    Send(FrameWriter()
             .Put(static_cast<uint8_t>(Reply::kMeasured))
             .Put(i)
             .Put(m.median.count())
             .Put(m.p90.count())
             .Put(m.low.count())
             .Put(m.high.count())
             .Put(m.samples)
             .Put(r.median)
             .Put(r.low)
             .Put(r.high));
  }

 private:
  void Send(const FrameWriter& writer) {
    if (!WriteAll(fd_, writer.Frame())) _exit(1);  // the parent is gone
  }

  int fd_;
  uint64_t current_ = ~uint64_t{0};
};

// Announces which network is running, so that a crash while measuring has a culprit.
class AnnouncingNetwork : public CompiledNetwork {
 public:
  AnnouncingNetwork(std::unique_ptr<CompiledNetwork> network, uint64_t job, ReplyWriter& replies)
      : network_(std::move(network)), job_(job), replies_(replies) {}

  uint64_t job() const { return job_; }
  Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
    return network_->Run(inputs);
  }
  void RunOnce() override {
    replies_.SendWorkingOn(job_);
    network_->RunOnce();
  }

 private:
  std::unique_ptr<CompiledNetwork> network_;
  uint64_t job_;
  ReplyWriter& replies_;
};

MeasureOptions ReadMeasureOptions(FrameReader& frame) {
  MeasureOptions options;
  options.warm_up = Seconds(frame.Get<double>());
  options.rounds = frame.Get<int>();
  options.slice = Seconds(frame.Get<double>());
  options.threads = frame.Get<int>();
  return options;
}

CompileOptions ReadCompileOptions(FrameReader& frame) {
  CompileOptions options;
  options.precision = static_cast<Precision>(frame.Get<int>());
  options.threads = frame.Get<int>();
  options.batch = frame.Get<int64_t>();
  return options;
}

void Serve(const std::string& request, ReplyWriter& replies, const CompileBytes& compile) {
  FrameReader stream(request);
  FrameReader head(stream.NextFrame().value_or(std::string_view()));
  const MeasureOptions options = ReadMeasureOptions(head);
  const uint64_t jobs = head.Get<uint64_t>();
  std::vector<std::unique_ptr<AnnouncingNetwork>> networks;
  for (uint64_t i = 0; i < jobs; ++i) {
    replies.SendWorkingOn(i);
    FrameReader job(stream.NextFrame().value_or(std::string_view()));
    const CompileOptions compile_options = ReadCompileOptions(job);
    auto compiled = compile(job.GetText(), compile_options);
    if (compiled)
      networks.push_back(std::make_unique<AnnouncingNetwork>(std::move(*compiled), i, replies));
    else
      replies.SendFailure(i, compiled.error());
  }
  std::vector<CompiledNetwork*> plain;
  for (const auto& network : networks) plain.push_back(network.get());
  const Comparison comparison = CompareInterleaved(plain, options);
  const bool has_first = !networks.empty() && networks[0]->job() == 0;
  for (size_t k = 0; k < networks.size(); ++k)
    replies.SendMeasurement(networks[k]->job(), comparison.networks[k],
                            has_first ? comparison.over_first[k] : Ratio{});
}

}  // namespace

int ServeMeasurements(int input_fd, int output_fd, const CompileBytes& compile) {
  const int replies_fd = dup(output_fd);
  if (replies_fd < 0) return 1;
  if (output_fd == STDOUT_FILENO) dup2(STDERR_FILENO, STDOUT_FILENO);
  ReplyWriter replies(replies_fd);
  int code = 0;
  try {
    Serve(ReadAll(input_fd), replies, compile);
  } catch (const std::exception& error) {
    const std::string line = std::string("measure: ") + error.what() + "\n";
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) code = 1;
    code = 1;
  }
  close(replies_fd);
  return code;
}

int ServeMeasurements(int input_fd, int output_fd) {
  return ServeMeasurements(input_fd, output_fd,
                           [](const std::string& onnx, const CompileOptions& options) {
                             return CompileOnnx(onnx, options);
                           });
}

}  // namespace nacre
