#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "testing/example_report.h"

namespace nacre::report_internal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(EscapeHtml("&amp;"), "&amp;amp;");
  EXPECT_EQ(EscapeHtml(""), "");
  EXPECT_EQ(EscapeHtml("\xc3\xbc, 1 %"), "\xc3\xbc, 1 %");
}

TEST(ReportHtml, EscapesEverythingAndFetchesNothing) {
  const std::string html = ReportHtml(ExampleReport());
  EXPECT_THAT(html, HasSubstr("&lt;model&gt; &amp; co"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, HasSubstr("2.50x"));
}

// A name from outside that ends an element or an attribute, in every field that holds text.
TEST(ReportHtml, AHostileNameStaysTextWhereverItStands) {
  const std::string evil = "\"'><img src=x onerror=alert(1)>";
  Report report = ExampleReport();
  report.objective = "size";
  for (std::string* text :
       {&report.title, &report.command, &report.config_toml, &report.environment_json,
        &report.notes[0], &report.cost[0].stage, &report.trials[0].id, &report.front[0].id,
        &report.front[0].path, &report.front[0].architecture, &report.front[0].blocks[0].blocks,
        &report.front[0].blocks[0].before, &report.front[0].blocks[0].after}) {
    *text = evil;
  }
  report.front[0].meets_limit = false;
  report.front[0].broken = evil;
  const std::string html = ReportHtml(report);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr(evil)));
  EXPECT_GE(Count(html, "&lt;img src=x onerror=alert(1)&gt;"), 11);
}

TEST(ReportHtml, ShowsBoxesOnPicturesAndNothingElseFromOutside) {
  Report report = ExampleReport();
  EXPECT_THAT(ReportHtml(report), Not(HasSubstr("class=picture")));
  report.pictures = {{.data = "data:image/png;base64,AAAA",
                      .width = 40,
                      .height = 30,
                      .truth = {{1, 2, 11, 22, "cat"}},
                      .result = {{1, 2, 12, 22, "<cat> 0.90"}}},
                     {.data = "file:///etc/passwd", .width = 10, .height = 10}};
  const std::string html = ReportHtml(report);
  EXPECT_EQ(Count(html, "class=picture"), 2);
  EXPECT_EQ(Count(html, "<image"), 1);
  EXPECT_THAT(html, HasSubstr("<rect class=truth x=1.0 y=2.0 width=10.0 height=20.0"));
  EXPECT_THAT(html, HasSubstr("&lt;cat&gt; 0.90"));
  EXPECT_THAT(html, Not(HasSubstr("passwd")));
  const auto again = ReportFromJson(ReportJson(report));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(ReportHtml(*again), html);
}

TEST(ReportHtml, LeadsWithTheGainInWhatWasMinimised) {
  Report report = ExampleReport();
  EXPECT_THAT(ReportHtml(report),
              HasSubstr("<b>2.50x</b> faster than the INT8 original, <b>5.00x</b> faster than "
                        "FP32, at 89.30 % against 90.00 %"));
  report.objective = "size";
  EXPECT_THAT(ReportHtml(report),
              HasSubstr("900 KiB of size instead of 1200 KiB, <b>1.33x</b> smaller"));
  report.objective = "memory";
  EXPECT_THAT(ReportHtml(report),
              HasSubstr("1800 KiB of memory instead of 2400 KiB, <b>1.33x</b> smaller"));
  report.precision = Precision::kFp32;
  EXPECT_THAT(ReportHtml(report), HasSubstr("6000 KiB of memory instead of 8000 KiB"));
  report.front[0].fp32.memory_bytes = 0;  // not known: no division by zero
  EXPECT_THAT(ReportHtml(report), Not(HasSubstr("inf")));
}

TEST(ReportHtml, SaysSoWhenNothingMetTheLimits) {
  Report report = ExampleReport();
  report.front[0].meets_limit = false;
  EXPECT_THAT(ReportHtml(report), HasSubstr("No network met the limits"));
  report.front.clear();
  EXPECT_THAT(ReportHtml(report), HasSubstr("No network met the limits"));
}

TEST(ReportHtml, AnEmptyReportIsAPage) {
  const std::string html = ReportHtml(Report{});
  EXPECT_THAT(html, AllOf(HasSubstr("<!doctype html>"), HasSubstr("</body></html>")));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("<h2>Notes</h2>")));
  EXPECT_THAT(html, Not(HasSubstr("Blocks before and after")));
}

TEST(NetworkTable, HasARowForEachNetworkAndMarksTheParetoFront) {
  Report report = ExampleReport();
  report.front.push_back(ExampleEntry());
  report.front[1].on_front = false;
  const std::string table = NetworkTable(report);
  EXPECT_EQ(Count(table, "<tr"), 1 + 2 + 2);
  EXPECT_THAT(table, HasSubstr("<th>Pareto front</tr>"));
  EXPECT_EQ(Count(table, "<td>yes</td></tr>"), 1);
  EXPECT_EQ(Count(table, "<td>no</td></tr>"), 1);
  EXPECT_THAT(table, HasSubstr("89.30 % <span class=soft>(87.30-90.30)</span>"));
  EXPECT_THAT(table, HasSubstr("2.50x <span class=soft>(2.40-2.60)</span>"));
  EXPECT_THAT(table, HasSubstr("<a href=\"models/1-abcd1234\">abcd1234</a>"));
}

TEST(NetworkTable, MarksWhatMissesTheLimitOrABound) {
  Report report = ExampleReport();
  EXPECT_EQ(Count(NetworkTable(report), "class=bad"), 0);
  report.front[0].meets_limit = false;
  EXPECT_THAT(NetworkTable(report),
              AllOf(HasSubstr("<tr class=bad>"), HasSubstr("below the limit")));
  report.front[0].broken = "is 270.1 KiB large";
  EXPECT_THAT(NetworkTable(report),
              AllOf(HasSubstr("</a> is 270.1 KiB large"), Not(HasSubstr("below the limit"))));
}

TEST(BlockTable, ShowsEachSpanBeforeAndAfter) {
  const std::string table = BlockTable(ExampleEntry());
  EXPECT_EQ(Count(table, "<tr"), 2);
  EXPECT_THAT(table, HasSubstr("b0:&lt;keep&gt;</td><td>50.0</td><td>25.0</td>"));
}

TEST(CostTable, AddsUpTheStages) {
  Report report = ExampleReport();
  EXPECT_THAT(CostTable(report), HasSubstr("<b>42 s</b>"));
  EXPECT_THAT(CostTable(report), Not(HasSubstr("one training of the original")));
  report.baseline_training_seconds = 84;
  EXPECT_THAT(CostTable(report), HasSubstr("That is 0.50 times one training of the original"));
}

}  // namespace
}  // namespace nacre::report_internal
