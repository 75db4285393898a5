#include "report/model_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ModelPage ExamplePage() {
  return {.model = "net.onnx",
          .target = "cpu:int8",
          .macs = 4'000'000,
          .parameters = 250'000,
          .microseconds = 400,
          .share_that_can_be_rebuilt = 0.75,
          .blocks = {{"b0", "convolution", "[N, 8, 16, 16]", 0, 3'000'000, 100, ""},
                     {"b1", "residual", "[N, 8, 16, 16]", 0, 500'000, 200, ""},
                     {"b2", "tail", "[N, 16, 8, 8]", 1, 500'000, 100, "it leads elsewhere"}},
          .notes = {"the output is an ArgMax"},
          .disturbances = {"the load average is 2.00"}};
}

// Widths of the drawing's blocks, without those of the hatching.
std::vector<double> Widths(const std::string& html) {
  const std::regex block("<rect x=\"[0-9.]+\" y=\"[0-9]+\" width=\"([0-9.]+)\"");
  std::vector<double> widths;
  for (std::sregex_iterator at(html.begin(), html.end(), block), end; at != end; ++at)
    widths.push_back(std::stod((*at)[1]));
  return widths;
}

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(ModelHtml, BlocksAreAsWideAsTheirTime) {
  const std::string html = ModelHtml(ExamplePage());
  const std::vector<double> widths = Widths(html);
  ASSERT_EQ(widths.size(), 3u);
  EXPECT_NEAR((widths[1] - 2) / (widths[0] - 2), 2, 0.01);
  EXPECT_NEAR(widths[2], widths[0], 0.11);
  EXPECT_THAT(html, HasSubstr("75.0 %</text>"));  // of stage 0
  EXPECT_THAT(html, HasSubstr("25.0 %</text>"));
  EXPECT_THAT(html, HasSubstr("<b>0.400 ms</b> on cpu:int8"));
}

TEST(ModelHtml, BlocksOfAModelThatWasNotTimedAreAsWideAsTheirWork) {
  ModelPage page = ExamplePage();
  page.microseconds.reset();
  for (PageBlock& block : page.blocks) block.microseconds.reset();
  const std::string html = ModelHtml(page);
  const std::vector<double> widths = Widths(html);
  ASSERT_EQ(widths.size(), 3u);
  EXPECT_NEAR((widths[0] - 2) / (widths[1] - 2), 6, 0.05);
  EXPECT_THAT(html, Not(HasSubstr(" ms</b>")));
  EXPECT_THAT(html, HasSubstr("75 %</b> of the multiply-accumulates can be rebuilt"));
}

TEST(ModelHtml, OnlyWhatStaysIsHatchedAndHasItsReason) {
  const std::string html = ModelHtml(ExamplePage());
  EXPECT_EQ(Count(html, "fill=\"url(#stays)\""), 1);
  EXPECT_EQ(Count(html, "fill=\"var(--new)\""), 2);
  EXPECT_THAT(html, HasSubstr("<td class=left>it leads elsewhere</td>"));
}

TEST(ModelHtml, AStageHasTheShapeOfItsLastBlockThatHasOne) {
  ModelPage page = ExamplePage();
  page.blocks[2].stage = 0;
  page.blocks[2].output = "";
  EXPECT_THAT(ModelHtml(page), HasSubstr(">0: [N, 8, 16, 16]</text>"));
}

TEST(ModelHtml, StaysInsideTheDrawingWithManyBlocks) {
  ModelPage page = ExamplePage();
  page.blocks.assign(200, page.blocks[0]);
  double sum = 170;
  for (const double width : Widths(ModelHtml(page))) sum += width;
  EXPECT_LE(sum, 860 - 70 + 200 * 0.05);  // widths are rounded to a tenth
}

TEST(ModelHtml, NothingIsFetchedAndAHostileNameStaysText) {
  const std::string evil = "\"'><img src=x onerror=alert(1)>";
  ModelPage page = ExamplePage();
  for (std::string* text :
       {&page.model, &page.target, &page.blocks[0].name, &page.blocks[0].kind,
        &page.blocks[1].output, &page.blocks[2].reason, &page.notes[0], &page.disturbances[0]}) {
    *text = evil;
  }
  const std::string html = ModelHtml(page);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_GE(Count(html, "&lt;img src=x onerror=alert(1)&gt;"), 9);
}

TEST(ModelHtml, AModelWithoutBlocksHasAPage) {
  const std::string html = ModelHtml({.model = "empty.onnx"});
  EXPECT_THAT(Widths(html), ElementsAre());
  EXPECT_THAT(html, HasSubstr("0 blocks"));
}

}  // namespace
}  // namespace nacre
