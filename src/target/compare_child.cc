// Comparing two files in a child process, both sides.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/subprocess.h"
#include "target/compare.h"
#include "target/descriptors.h"
#include "target/wire.h"

namespace nacre {

using namespace target_internal;

namespace {

constexpr size_t kMostOfError = 300;  // characters of the child's last words

std::string RequestFrame(const CompareRequest& request) {
  FrameWriter writer;
  writer.Put(request.first.string()).Put(request.second.string()).Put(request.seed);
  writer.Put(static_cast<uint64_t>(request.inputs.size()));
  for (const Value& input : request.inputs) {
    writer.Put(input.name).Put(static_cast<int>(input.type));
    writer.Put(static_cast<uint64_t>(input.shape.size()));
    for (const int64_t size : input.shape) writer.Put(size);
  }
  writer.Put(static_cast<uint64_t>(request.outputs.size()));
  for (const std::string& output : request.outputs) writer.Put(output);
  return writer.Frame();
}

// Throws std::out_of_range when the bytes end before the request does.
CompareRequest ReadRequest(const std::string& bytes) {
  FrameReader stream(bytes);
  FrameReader frame(stream.NextFrame().value_or(std::string_view()));
  CompareRequest request;
  request.first = frame.GetText();
  request.second = frame.GetText();
  request.seed = frame.Get<uint64_t>();
  for (uint64_t left = frame.Get<uint64_t>(); left > 0; --left) {
    Value input{.name = frame.GetText(), .type = static_cast<DataType>(frame.Get<int>())};
    for (uint64_t rank = frame.Get<uint64_t>(); rank > 0; --rank)
      input.shape.push_back(frame.Get<int64_t>());
    request.inputs.push_back(std::move(input));
  }
  for (uint64_t left = frame.Get<uint64_t>(); left > 0; --left)
    request.outputs.push_back(frame.GetText());
  return request;
}

std::string ReplyFrame(const Expected<std::vector<OutputDifference>>& differences) {
  FrameWriter writer;
  writer.Put(differences.has_value());
  if (!differences) {
    const Error& error = differences.error();
    return writer.Put(static_cast<int>(error.kind)).Put(error.message).Frame();
  }
  writer.Put(static_cast<uint64_t>(differences->size()));
  for (const OutputDifference& each : *differences)
    writer.Put(each.name).Put(each.largest).Put(each.magnitude).Put(each.says_something);
  return writer.Frame();
}

// Throws std::out_of_range when the bytes end before the reply does.
Expected<std::vector<OutputDifference>> ReadReply(const std::string& bytes) {
  FrameReader stream(bytes);
  FrameReader frame(stream.NextFrame().value_or(std::string_view()));
  if (!frame.Get<bool>()) {
    const auto kind = static_cast<ErrorKind>(frame.Get<int>());
    return Fail(kind, frame.GetText());
  }
  std::vector<OutputDifference> differences;
  for (uint64_t left = frame.Get<uint64_t>(); left > 0; --left) {
    OutputDifference each{.name = frame.GetText()};
    each.largest = frame.Get<double>();
    each.magnitude = frame.Get<double>();
    each.says_something = frame.Get<bool>();
    differences.push_back(std::move(each));
  }
  return differences;
}

std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const size_t from = text.find_last_of('\n', end);
  return ": " + text.substr(from + 1, std::min(end - from, kMostOfError));
}

}  // namespace

Expected<std::vector<OutputDifference>> CompareInChild(const CompareRequest& request,
                                                       const ChildLimits& limits) {
  ProcessOptions process;
  process.arguments = {limits.program};
  process.arguments.insert(process.arguments.end(), limits.arguments.begin(),
                           limits.arguments.end());
  process.input = RequestFrame(request);
  process.timeout = limits.timeout;
  process.most_memory = limits.memory;
  NACRE_TRY(const ProcessResult result, RunProcess(process));
  const auto ended = [&] {
    return Fail(ErrorKind::kTarget, fmt::format("OpenVINO did not run {} and {}: the child {}{}",
                                                request.first.string(), request.second.string(),
                                                result.Outcome(), LastLine(result.errors)));
  };
  if (!result.ok()) return ended();
  try {
    return ReadReply(result.output);
  } catch (const std::out_of_range&) {
    return ended();
  }
}

int ServeComparison(int input_fd, int output_fd) {
  const int reply_fd = dup(output_fd);
  if (reply_fd < 0) return 1;
  if (output_fd == STDOUT_FILENO) dup2(STDERR_FILENO, STDOUT_FILENO);
  try {
    const CompareRequest request = ReadRequest(ReadAll(input_fd));
    const std::string reply = ReplyFrame(
        CompareFiles(request.first, request.second, request.inputs, request.outputs, request.seed));
    return WriteAll(reply_fd, reply) ? 0 : 1;
  } catch (const std::out_of_range&) {
    return 1;
  }
}

}  // namespace nacre
