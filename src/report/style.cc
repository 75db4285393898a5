#include "report/html.h"

namespace nacre::report_internal {

const char* const kReportStyle = R"(
:root{
  --ink:#16212b;--soft:#5c6b78;--line:#dde3e8;--page:#fff;--card:#f6f8fa;
  --old:#9fb0be;--new:#0b7a75;--bad:#b3541e}
@media(prefers-color-scheme:dark){:root{
  --ink:#e8eef2;--soft:#93a4b1;--line:#2c3a45;--page:#10181f;--card:#18232c;
  --old:#4d6171;--new:#37b8ae;--bad:#e08a55}}
body{
  font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);
  max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.lead{font-size:1.25rem;margin:.3rem 0 1rem}
table{border-collapse:collapse;width:100%}
th,td{
  padding:.3rem .6rem;border-bottom:1px solid var(--line);
  text-align:right;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-weight:500}
th:first-child,td:first-child{text-align:left}
.scroll{overflow-x:auto}
.soft{color:var(--soft)}
.bad{color:var(--bad)}
pre{background:var(--card);padding:.8rem;overflow-x:auto;font-size:13px}
svg{max-width:100%;height:auto}
svg.picture{width:14rem;margin:0 .5rem .5rem 0;background:var(--card)}
svg.picture rect{fill:none}
rect.truth{stroke:#fff;stroke-opacity:.7}rect.original{stroke:#2f6fde}rect.result{stroke:#e0701b}
span.truth{border-bottom:3px solid var(--soft)}
span.original{border-bottom:3px solid #2f6fde}span.result{border-bottom:3px solid #e0701b}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}
)";

}  // namespace nacre::report_internal
