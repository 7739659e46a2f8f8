"""The style sheet of a report: light and dark as the reader's system is, from a telephone to a wide screen.

Colours of lines follow Okabe and Ito ("Color Universal Design", 2008), whose colours people with any colour
vision tell apart, darker on white and lighter on black; glyphs, dashes and words say all that colours say.
"""

from typing import Final

SHEET: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--faint:#57606a;--paper:#fff;--panel:#f5f7f9;--rule:#d0d7de;
--good:#116329;--bad:#b3261e;--doubt:#7a5200;--mark:#ffe08a;--l0:#111;--l1:#0072b2;--l2:#b54a00;--l3:#00795a;
--l4:#8a3a6d;--l5:#6b5d00;--l6:#57606a}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#9aa6b2;--paper:#0f1419;--panel:#182028;--rule:#37424d;
--good:#56d364;--bad:#ff8a80;--doubt:#e3b341;--mark:#6b5300;--l0:#fff;--l1:#56b4e9;--l2:#ff9a5c;--l3:#39d3a5;
--l4:#e79fc8;--l5:#f0e442;--l6:#9aa6b2}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1500px;margin:0 auto;padding:16px}
h1{font-size:1.5rem;margin:0 0 4px}h2{font-size:1.15rem;margin:0}h3{font-size:1rem;margin:20px 0 6px}
a{color:inherit}p{margin:6px 0;max-width:75ch}
.faint{color:var(--faint)}.good{color:var(--good)}.bad{color:var(--bad)}.doubt{color:var(--doubt)}
.quote{font-style:italic}.sentence{font-weight:600}
.wide,.sequence,pre{overflow:auto;border:1px solid var(--rule);border-radius:8px;background:var(--panel)}
.wide:focus-visible,.sequence:focus-visible,pre:focus-visible,summary:focus-visible{
outline:3px solid var(--l1)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:6px 10px;border-bottom:1px solid var(--rule);
overflow-wrap:anywhere;min-width:6rem}
th{color:var(--faint);font-weight:600}tr:last-child td{border-bottom:0}
@media(max-width:720px){thead{display:none}tr,td{display:block}
tr{border-bottom:2px solid var(--rule);padding:6px 0}
td{border:0;padding:2px 10px 2px 7.5rem}td:before{content:attr(data-head);color:var(--faint);float:left;
margin-left:-7rem;width:6.5rem}td:after{content:"";display:block;clear:both}}
pre{padding:10px;font:13px/1.5 ui-monospace,monospace;white-space:pre}
mark{background:var(--mark);color:inherit}
details{border:1px solid var(--rule);border-radius:10px;margin:12px 0}
summary{cursor:pointer;padding:10px 14px;min-height:44px;overflow-wrap:anywhere}
summary h2{display:inline}.body{padding:0 14px 14px}
.failure{border-left:4px solid var(--bad);padding-left:12px}
.sequence{max-height:70vh}
.heads{position:sticky;top:0;background:var(--panel);border-bottom:1px solid var(--rule)}
svg{display:block}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .time{fill:var(--faint)}svg .head{fill:var(--paper);stroke:var(--rule)}svg .lane{stroke:var(--rule)}
svg .step{fill:var(--rule);opacity:.45}
svg line.message{stroke:var(--l1);stroke-width:1.5}svg polygon.message{fill:var(--l1)}
svg circle.note{fill:var(--l3)}svg circle.refusal,svg circle.lost{fill:var(--bad)}
svg text.refusal,svg text.lost{fill:var(--bad);font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:12px}
.plot{margin:0;border:1px solid var(--rule);border-radius:8px;background:var(--panel);padding:8px}
.plot svg{width:100%;height:auto}figcaption{font-size:.9rem;overflow-wrap:anywhere}
svg .axis{stroke:var(--rule)}svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
svg .l0{stroke:var(--l0)}svg .l1{stroke:var(--l1);stroke-dasharray:6 3}
svg .l2{stroke:var(--l2);stroke-dasharray:2 3}svg .l3{stroke:var(--l3);stroke-dasharray:9 3 2 3}
svg .l4{stroke:var(--l4);stroke-dasharray:12 4}svg .l5{stroke:var(--l5);stroke-dasharray:4 2}
svg .l6{stroke:var(--l6);stroke-dasharray:1 4}svg .end{fill:var(--l0)}
svg .b1{fill:var(--l1)}svg .b2{fill:var(--l2)}svg .b3{fill:var(--l3)}svg .b4{fill:var(--l4)}
svg .b5{fill:var(--l5)}svg .b6{fill:var(--l6)}
.key{margin-right:10px;border-bottom:3px solid;display:inline-block;line-height:1.3;overflow-wrap:anywhere}
.k0{border-color:var(--l0)}.k1{border-color:var(--l1);border-bottom-style:dashed}
.k2{border-color:var(--l2);border-bottom-style:dotted}.k3{border-color:var(--l3);border-bottom-style:double}
.k4{border-color:var(--l4);border-bottom-style:dashed}.k5{border-color:var(--l5);border-bottom-style:dotted}
.k6{border-color:var(--l6);border-bottom-style:double}
"""
"""Everything of the look of a report; its hash stands in the policy, so that nothing else is applied."""
