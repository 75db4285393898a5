// The pieces of the report page.
// Private to report/. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace nacre::report_internal {

// Text made safe for HTML element content and attributes.
std::string EscapeHtml(std::string_view text);

extern const char* const kReportStyle;  // CSS, for light and dark screens

std::string WaterfallSvg(const Report& report);  // latency of the four stages as bars
std::string FrontSvg(const Report& report);      // trials and front: latency against accuracy

std::string NetworkTable(const Report& report);   // the originals and every entry of the front
std::string BlockTable(const FrontEntry& entry);  // blocks before and after
std::string Pictures(const Report& report);       // boxes of a detector; empty: there are none
std::string CostTable(const Report& report);      // seconds of each stage

}  // namespace nacre::report_internal
