#include "target/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <stdexcept>

#include "base/nearest.h"

namespace nacre {
namespace {

constexpr const char* kForms = "write it as cpu:int8,threads=1,batch=1";
constexpr int64_t kMostThreads = 4096;
constexpr int64_t kMostBatch = 1 << 20;
const std::vector<std::string> kDevices = {"cpu"};
const std::vector<std::string> kKeys = {"threads", "batch"};

struct NamedPrecision {
  Precision precision;
  const char* name;
};
constexpr NamedPrecision kPrecisions[] = {
    {Precision::kInt8, "int8"}, {Precision::kBf16, "bf16"}, {Precision::kFp32, "fp32"}};

std::vector<std::string> PrecisionNames() {
  std::vector<std::string> names;
  for (const NamedPrecision& each : kPrecisions) names.push_back(each.name);
  return names;
}

// "unknown precision 'int9': did you mean int8? known: int8, bf16, fp32"
tl::unexpected<Error> UnknownWord(const std::string& what, const std::string& word,
                                  const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  const bool is_near = EditDistance(word, nearest) <= std::max<size_t>(1, nearest.size() / 2);
  const std::string advice = is_near ? fmt::format("did you mean {}? ", nearest) : "";
  return Fail(ErrorKind::kUsage, fmt::format("unknown {} '{}': {}known: {}; {}", what, word, advice,
                                             fmt::join(known, ", "), kForms));
}

Expected<int64_t> ParsePositive(const std::string& key, const std::string& text, int64_t most) {
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = code == std::errc() && end == text.data() + text.size();
  if (is_whole && number >= 1 && number <= most) return number;
  return Fail(ErrorKind::kUsage,
              fmt::format("{} of the target is '{}': give a whole number from 1 to {}; {}", key,
                          text, most, kForms));
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
  if (at == std::string::npos) {
    return Fail(ErrorKind::kUsage,
                fmt::format("'{}' in the target is not a setting, key=value: {}", setting, kForms));
  }
  const std::string key = setting.substr(0, at), value = setting.substr(at + 1);
  if (key == "threads") {
    NACRE_TRY(const int64_t threads, ParsePositive(key, value, kMostThreads));
    target.threads = static_cast<int>(threads);
  } else if (key == "batch") {
    NACRE_TRY(target.batch, ParsePositive(key, value, kMostBatch));
  } else {
    return UnknownWord("setting", key, kKeys);
  }
  return {};
}

// Reads settings such as "threads=2", each at most once.
Expected<void> ReadSettings(std::span<const std::string> settings, Target& target) {
  std::set<std::string> seen;
  for (const std::string& setting : settings) {
    NACRE_CHECK_OK(ReadSetting(setting, target));
    if (seen.insert(setting.substr(0, setting.find('='))).second) continue;
    return Fail(
        ErrorKind::kUsage,
        fmt::format("'{}' repeats a setting of the target: give each once; {}", setting, kForms));
  }
  return {};
}

// Reads "cpu" or "cpu:int8".
Expected<void> ReadDevice(const std::string& text, Target& target) {
  const std::vector<std::string> parts = Split(text, ':');
  if (parts.size() > 2) {
    return Fail(ErrorKind::kUsage, fmt::format("target '{}' cannot be read: {}", text, kForms));
  }
  if (std::find(kDevices.begin(), kDevices.end(), parts[0]) == kDevices.end()) {
    return UnknownWord("device", parts[0], kDevices);
  }
  target.device = parts[0];
  if (parts.size() == 1) return {};
  const auto precision = ParsePrecision(parts[1]);
  if (!precision) return UnknownWord("precision", parts[1], PrecisionNames());
  target.precision = *precision;
  return {};
}

bool IsDigit(unsigned char c) { return std::isdigit(c) != 0; }

bool IsHostCharacter(unsigned char c) {
  return std::isalnum(c) || std::string_view("._-@:").find(c) != std::string_view::npos;
}

bool IsPort(std::string_view text) {
  constexpr size_t kMostDigits = 5;
  return !text.empty() && text.size() <= kMostDigits &&
         std::all_of(text.begin(), text.end(), IsDigit);
}

// A name that ssh could take for an option, or a shell for a command, is refused.
bool IsHost(std::string_view host) {
  if (host.empty() || !std::isalnum(static_cast<unsigned char>(host[0]))) return false;
  if (!std::all_of(host.begin(), host.end(), IsHostCharacter)) return false;
  const size_t colon = host.find(':');
  return colon == std::string_view::npos || IsPort(host.substr(colon + 1));
}

Expected<Target> ParseRemote(const std::string& text) {
  constexpr std::string_view kScheme = "ssh://";
  const size_t slash = text.find('/', kScheme.size());
  if (!text.starts_with(kScheme) || slash == std::string::npos ||
      !IsHost(text.substr(kScheme.size(), slash - kScheme.size()))) {
    return Fail(ErrorKind::kUsage,
                fmt::format("target '{}' cannot be read: a machine behind SSH is written as "
                            "ssh://host/cpu:int8,threads=1,batch=1 (host: [user@]name[:port])",
                            text));
  }
  NACRE_TRY(Target target, Target::Parse(text.substr(slash + 1)));
  target.host = text.substr(kScheme.size(), slash - kScheme.size());
  return target;
}

}  // namespace

std::string PrecisionName(Precision precision) {
  for (const NamedPrecision& each : kPrecisions) {
    if (each.precision == precision) return each.name;
  }
  throw std::logic_error("PrecisionName: not a precision");
}

std::optional<Precision> ParsePrecision(std::string_view name) {
  for (const NamedPrecision& each : kPrecisions) {
    if (each.name == name) return each.precision;
  }
  return std::nullopt;
}

Expected<Target> Target::Parse(const std::string& text) {
  if (text.find("://") != std::string::npos) return ParseRemote(text);
  if (text.empty()) {
    return Fail(ErrorKind::kUsage, fmt::format("target '' cannot be read: {}", kForms));
  }
  const std::vector<std::string> parts = Split(text, ',');
  Target target;
  NACRE_CHECK_OK(ReadDevice(parts[0], target));
  NACRE_CHECK_OK(ReadSettings(std::span(parts).subspan(1), target));
  return target;
}

std::string Target::ToString() const {
  return fmt::format("{}{}:{},threads={},batch={}", host.empty() ? "" : "ssh://" + host + "/",
                     device, PrecisionName(precision), threads, batch);
}

Expected<void> CheckServes(const MachineInfo& machine, const Target& target) {
  if (target.precision == Precision::kBf16 && !machine.HasBf16()) {
    return Fail(ErrorKind::kTarget,
                fmt::format("target {}: this CPU ({}) has neither avx512_bf16 nor amx_bf16; use "
                            "int8 or fp32",
                            target.ToString(), machine.cpu));
  }
  if (target.threads > machine.cores) {
    return Fail(ErrorKind::kTarget,
                fmt::format("target {} needs {} threads, but this process may use {} core(s); use "
                            "threads={} or less",
                            target.ToString(), target.threads, machine.cores, machine.cores));
  }
  return {};
}

}  // namespace nacre
