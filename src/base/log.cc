#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace nacre {
namespace {

// What spdlog does not know it calls "off"; only the word itself shall silence.
spdlog::level::level_enum WantedLevel() {
  const char* name = std::getenv("NACRE_LOG");
  const auto level = spdlog::level::from_str(name ? name : "info");
  const bool is_unknown = level == spdlog::level::off && std::string_view(name) != "off";
  return is_unknown ? spdlog::level::info : level;
}

spdlog::logger& Logger() {
  static const auto logger = [] {
    const bool colour = std::getenv("NO_COLOR") == nullptr && isatty(STDERR_FILENO);
    auto made = std::make_shared<spdlog::logger>(
        "nacre", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                     colour ? spdlog::color_mode::automatic : spdlog::color_mode::never));
    made->set_pattern("%H:%M:%S %^%l%$ %v");
    made->set_level(WantedLevel());
    return made;
  }();
  return *logger;
}

}  // namespace

void Debug(const std::string& message) { Logger().debug("{}", message); }
void Info(const std::string& message) { Logger().info("{}", message); }
void Warn(const std::string& message) { Logger().warn("{}", message); }

}  // namespace nacre
