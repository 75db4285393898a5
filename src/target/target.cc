#include "target/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <string_view>

#include "base/nearest.h"

namespace nacre {
namespace {

constexpr const char* kForms = "write it as cpu:int8,threads=1,batch=1";
const std::vector<std::string> kDevices = {"cpu"};
const std::vector<std::string> kPrecisions = {"int8", "bf16", "fp32"};  // in the order of Precision
const std::vector<std::string> kKeys = {"threads", "batch"};

// "unknown precision 'int9': did you mean int8? Known: int8, bf16, fp32"
tl::unexpected<Error> Unknown(const std::string& what, const std::string& word,
                              const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  const bool near = EditDistance(word, nearest) <= std::max<size_t>(1, nearest.size() / 2);
  return Fail(ErrorKind::kUsage, fmt::format("unknown {} '{}': {}known: {}; {}", what, word,
                                             near ? fmt::format("did you mean {}? ", nearest) : "",
                                             fmt::join(known, ", "), kForms));
}

Expected<int64_t> Positive(const std::string& key, const std::string& text, int64_t most) {
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 1 || number > most)
    return Fail(ErrorKind::kUsage, fmt::format("{} of the target is '{}': give a whole number from "
                                               "1 to {}; {}",
                                               key, text, most, kForms));
  return number;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Expected<void> ReadSetting(const std::string& setting, Target& target) {
  const size_t at = setting.find('=');
  if (at == std::string::npos)
    return Fail(ErrorKind::kUsage,
                fmt::format("'{}' in the target is no setting: {}", setting, kForms));
  const std::string key = setting.substr(0, at), value = setting.substr(at + 1);
  if (key == "threads") {
    NACRE_TRY(const int64_t threads, Positive(key, value, 4096));
    target.threads = static_cast<int>(threads);
  } else if (key == "batch") {
    NACRE_TRY(target.batch, Positive(key, value, 1 << 20));
  } else {
    return Unknown("setting", key, kKeys);
  }
  return {};
}

// A name that ssh could take for an option, or a shell for a command, is refused.
bool IsHost(const std::string& host) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("._-@:").find(c) != std::string_view::npos;
  };
  const size_t colon = host.find(':');
  const std::string port = colon == std::string::npos ? "22" : host.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c); });
  return !host.empty() && colon != 0 && std::isalnum(static_cast<unsigned char>(host[0])) &&
         digits && std::all_of(host.begin(), host.end(), allowed);
}

Expected<Target> ParseRemote(const std::string& text) {
  constexpr std::string_view kScheme = "ssh://";
  const size_t slash = text.find('/', kScheme.size());
  if (!text.starts_with(kScheme) || slash == std::string::npos ||
      !IsHost(text.substr(kScheme.size(), slash - kScheme.size())))
    return Fail(ErrorKind::kUsage, fmt::format("target '{}' cannot be read: a machine behind SSH "
                                               "is ssh://host/cpu:int8,threads=1,batch=1 "
                                               "(host: [user@]name[:port])",
                                               text));
  NACRE_TRY(Target target, Target::Parse(text.substr(slash + 1)));
  target.host = text.substr(kScheme.size(), slash - kScheme.size());
  return target;
}

}  // namespace

Expected<Target> Target::Parse(const std::string& text) {
  if (text.find("://") != std::string::npos) return ParseRemote(text);
  const std::vector<std::string> parts = Split(text, ',');
  const std::vector<std::string> head = Split(parts[0], ':');
  if (text.empty() || head.size() > 2)
    return Fail(ErrorKind::kUsage, fmt::format("target '{}' cannot be read: {}", text, kForms));

  Target target;
  if (std::find(kDevices.begin(), kDevices.end(), head[0]) == kDevices.end())
    return Unknown("device", head[0], kDevices);
  target.device = head[0];
  if (head.size() == 2) {
    const auto found = std::find(kPrecisions.begin(), kPrecisions.end(), head[1]);
    if (found == kPrecisions.end()) return Unknown("precision", head[1], kPrecisions);
    target.precision = static_cast<Precision>(found - kPrecisions.begin());
  }
  std::set<std::string> seen;
  for (size_t i = 1; i < parts.size(); ++i) {
    NACRE_CHECK_OK(ReadSetting(parts[i], target));
    if (!seen.insert(parts[i].substr(0, parts[i].find('='))).second)
      return Fail(ErrorKind::kUsage, fmt::format("'{}' repeats a setting of the target: give each "
                                                 "once; {}",
                                                 parts[i], kForms));
  }
  return target;
}

std::string Target::ToString() const {
  return fmt::format("{}{}:{},threads={},batch={}", host.empty() ? "" : "ssh://" + host + "/",
                     device, kPrecisions[static_cast<int>(precision)], threads, batch);
}

Expected<void> CheckServes(const MachineInfo& machine, const Target& target) {
  if (target.precision == Precision::kBf16 && !machine.HasBf16())
    return Fail(ErrorKind::kTarget,
                fmt::format("target {}: this CPU ({}) has neither avx512_bf16 nor amx_bf16; use "
                            "int8 or fp32",
                            target.ToString(), machine.cpu));
  if (target.threads > machine.cores)
    return Fail(ErrorKind::kTarget,
                fmt::format("target {} wants {} threads, and this process may use {} core(s); use "
                            "threads={} or less",
                            target.ToString(), target.threads, machine.cores, machine.cores));
  return {};
}

}  // namespace nacre
