// The pieces of the report page. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace nacre {

// Text made safe for HTML element content and attributes.
std::string Escape(std::string_view text);

extern const char* const kReportStyle;

std::string WaterfallSvg(const Report& report);  // latency of the four stages as bars
std::string FrontSvg(const Report& report);      // trials and front: latency against accuracy

}  // namespace nacre
