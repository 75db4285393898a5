#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"

namespace nacre::report_internal {
namespace {

// Boxes of one kind, with their labels.
std::string Boxes(const std::vector<ShownBox>& boxes, const char* kind, double stroke) {
  std::string svg;
  for (const ShownBox& box : boxes) {
    svg += fmt::format(
        "<rect class={} x={:.1f} y={:.1f} width={:.1f} height={:.1f} stroke-width={:.1f}>"
        "<title>{}: {}</title></rect>",
        kind, box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0, stroke, kind,
        EscapeHtml(box.label));
  }
  return svg;
}

std::string PictureSvg(const ShownPicture& picture) {
  const auto side = static_cast<double>(std::max(picture.width, picture.height));
  const double stroke = side / 150;
  std::string svg =
      fmt::format("<svg class=picture viewBox=\"0 0 {} {}\">", picture.width, picture.height);
  // What is no picture is not embedded: reports may come from strangers.
  if (picture.data.starts_with("data:image/")) {
    svg += fmt::format("<image href=\"{}\" width={} height={} />", EscapeHtml(picture.data),
                       picture.width, picture.height);
  }
  svg += Boxes(picture.truth, "truth", 2 * stroke);
  svg += Boxes(picture.original, "original", stroke);
  svg += Boxes(picture.result, "result", stroke);
  return svg + "</svg>\n";
}

}  // namespace

std::string Pictures(const Report& report) {
  if (report.pictures.empty()) return "";
  std::string html =
      "<h2>Boxes</h2>\n<p class=soft><span class=truth>true</span>, <span class=original>found by "
      "the original in FP32</span>, <span class=result>found by the best result</span> with a "
      "score of at least 0.5, on the first test images that show something.</p>\n<div>";
  for (const ShownPicture& picture : report.pictures) html += PictureSvg(picture);
  return html + "</div>\n";
}

}  // namespace nacre::report_internal
