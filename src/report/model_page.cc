#include "report/model_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"

namespace nacre {

using namespace report_internal;

namespace {

// In pixels of the drawing's own coordinates.
constexpr double kWidth = 860, kLeft = 170, kRight = 70, kStep = 40, kHeight = 26;
constexpr double kLeastBlock = 2;  // a block that takes no time can still be pointed at
constexpr double kNameFrom = 30;   // narrower blocks have their name as a tooltip only

// Blocks [first, last] of one stage.
struct Row {
  size_t first = 0, last = 0;
  double share = 0;  // of the whole, in [0, 1]
};

// Of each block; zeros when nothing is known.
std::vector<double> SharesOf(const ModelPage& page) {
  std::vector<double> shares;
  double sum = 0;
  for (const PageBlock& block : page.blocks) {
    const double weight =
        page.microseconds ? block.microseconds.value_or(0) : static_cast<double>(block.macs);
    shares.push_back(std::max(0.0, weight));
    sum += shares.back();
  }
  for (double& share : shares) share = sum > 0 ? share / sum : 0;
  return shares;
}

std::vector<Row> RowsOf(const ModelPage& page, const std::vector<double>& shares) {
  std::vector<Row> rows;
  for (size_t i = 0; i < page.blocks.size(); ++i) {
    if (i == 0 || page.blocks[i].stage != page.blocks[i - 1].stage) rows.push_back({i, i, 0});
    rows.back().last = i;
    rows.back().share += shares[i];
  }
  return rows;
}

std::string TimeOf(const PageBlock& block) {
  return block.microseconds ? fmt::format("{:.1f}", *block.microseconds) : "-";
}

std::string DrawBlock(const PageBlock& block, double x, double y, double width, double share) {
  std::string svg = fmt::format(
      "<g><title>{} {}, {}, {:.1f} %{}</title><rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" "
      "height=\"{:.0f}\" fill=\"{}\" stroke=\"var(--page)\"/>",
      EscapeHtml(block.name), EscapeHtml(block.kind), EscapeHtml(block.output), 100 * share,
      block.reason.empty() ? "" : ", stays: " + EscapeHtml(block.reason), x, y, width, kHeight,
      block.reason.empty() ? "var(--new)" : "url(#stays)");
  if (width >= kNameFrom) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=middle{}>{}</text>",
                       x + width / 2, y + kHeight - 8, block.reason.empty() ? " class=name" : "",
                       EscapeHtml(block.name));
  }
  return svg + "</g>";
}

// `scale`: pixels of the whole.
std::string DrawRow(const ModelPage& page, const std::vector<double>& shares, const Row& row,
                    double y, double scale) {
  std::string shape;
  for (size_t i = row.first; i <= row.last; ++i) {
    if (!page.blocks[i].output.empty()) shape = page.blocks[i].output;
  }
  std::string svg = fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=end>{}</text>", kLeft - 8, y + kHeight - 8,
      EscapeHtml(fmt::format("{}: {}", page.blocks[row.first].stage, shape)));
  double x = kLeft;
  for (size_t i = row.first; i <= row.last; ++i) {
    const double width = kLeastBlock + shares[i] * scale;
    svg += DrawBlock(page.blocks[i], x, y, width, shares[i]);
    x += width;
  }
  return svg + fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\">{:.1f} %</text>\n", x + 6,
                           y + kHeight - 8, 100 * row.share);
}

std::string Drawing(const ModelPage& page) {
  const std::vector<double> shares = SharesOf(page);
  const std::vector<Row> rows = RowsOf(page, shares);
  double scale = kWidth;
  for (const Row& row : rows) {
    const auto blocks = static_cast<double>(row.last - row.first + 1);
    const double room = std::max(0.0, kWidth - kLeft - kRight - kLeastBlock * blocks);
    if (row.share > 0) scale = std::min(scale, room / row.share);
  }
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=img aria-label=\"blocks of each stage\"><defs>"
      "<pattern id=stays width=6 height=6 patternUnits=userSpaceOnUse "
      "patternTransform=\"rotate(45)\"><rect width=6 height=6 fill=\"var(--card)\"/>"
      "<rect width=2.5 height=6 fill=\"var(--old)\"/></pattern></defs>\n",
      kWidth, kStep * static_cast<double>(rows.size()) + 8);
  for (size_t i = 0; i < rows.size(); ++i)
    svg += DrawRow(page, shares, rows[i], kStep * static_cast<double>(i) + 4, scale);
  return svg + "</svg>\n";
}

std::string Lead(const ModelPage& page) {
  std::string lead = "<p class=lead>";
  if (page.microseconds) {
    lead +=
        fmt::format("<b>{:.3f} ms</b> on {}; ", *page.microseconds / 1e3, EscapeHtml(page.target));
  }
  lead += fmt::format("<b>{:.0f} %</b> of the {} can be rebuilt.</p>\n",
                      100 * page.share_that_can_be_rebuilt,
                      page.microseconds ? "time" : "multiply-accumulates");
  lead += fmt::format(
      "<p class=soft>{:.1f} M multiply-accumulates, {:.2f} M parameters, {} blocks.{}</p>\n",
      static_cast<double>(page.macs) / 1e6, static_cast<double>(page.parameters) / 1e6,
      page.blocks.size(),
      page.nodes_of_unknown_cost == 0 ? ""
                                      : fmt::format(" Without {} nodes whose shapes are not known.",
                                                    page.nodes_of_unknown_cost));
  return lead;
}

std::string Blocks(const ModelPage& page) {
  const std::vector<double> shares = SharesOf(page);
  std::string rows;
  for (size_t i = 0; i < page.blocks.size(); ++i) {
    const PageBlock& block = page.blocks[i];
    rows += fmt::format(
        "<tr><td>{}</td><td class=left>{}</td><td>{}</td><td class=left>{}</td><td>{:.2f}</td>"
        "<td>{}</td><td>{:.1f} %</td><td class=left>{}</td></tr>\n",
        EscapeHtml(block.name), EscapeHtml(block.kind), block.stage, EscapeHtml(block.output),
        static_cast<double>(block.macs) / 1e6, TimeOf(block), 100 * shares[i],
        EscapeHtml(block.reason));
  }
  return "<div class=scroll><table><thead><tr><th>block<th class=left>kind<th>stage"
         "<th class=left>output<th>MMAC<th>us<th>share<th class=left>stays, because</tr></thead>"
         "<tbody>" +
         rows + "</tbody></table></div>\n";
}

std::string List(const std::string& head, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = "<h2>" + head + "</h2><ul>";
  for (const std::string& line : lines) html += "<li>" + EscapeHtml(line) + "</li>";
  return html + "</ul>\n";
}

}  // namespace

std::string ModelHtml(const ModelPage& page) {
  const std::string title = EscapeHtml(page.model);
  std::string html =
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\"><title>nacre: " +
      title + "</title><style>" + kReportStyle +
      ".left{text-align:left}svg text.name{fill:var(--page)}</style></head><body>\n<h1>" + title +
      "</h1>\n" + Lead(page) + "<h2>Blocks, stage by stage</h2>\n" + Drawing(page);
  html += fmt::format(
      "<p class=soft>A block is as wide as its share of the {}. Hatched blocks stay as they "
      "are.</p>\n",
      page.microseconds ? "time" : "multiply-accumulates");
  html += Blocks(page) + List("Notes", page.notes) +
          List("What disturbed the measurement", page.disturbances);
  return html + "</body></html>\n";
}

}  // namespace nacre
