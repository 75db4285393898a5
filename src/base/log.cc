#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>

namespace nacre {
namespace {

spdlog::logger& Logger() {
  static const auto logger = [] {
    const bool colour = std::getenv("NO_COLOR") == nullptr && isatty(STDERR_FILENO);
    auto made = std::make_shared<spdlog::logger>(
        "nacre", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                     colour ? spdlog::color_mode::automatic : spdlog::color_mode::never));
    made->set_pattern("%H:%M:%S %^%l%$ %v");
    const char* level = std::getenv("NACRE_LOG");
    made->set_level(level ? spdlog::level::from_str(level) : spdlog::level::info);
    return made;
  }();
  return *logger;
}

}  // namespace

void Debug(const std::string& message) { Logger().debug("{}", message); }
void Info(const std::string& message) { Logger().info("{}", message); }
void Warn(const std::string& message) { Logger().warn("{}", message); }

}  // namespace nacre
