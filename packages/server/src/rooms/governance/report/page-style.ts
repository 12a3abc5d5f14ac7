/** The style of a report. Contrast of text is at least 4.5 : 1 in both schemes; on paper it is black on white. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#17202b;--soft:#526070;--rule:#dfe3e6;--sea:#0a5f73;--sea-soft:#d7ecef;--other:#8a94a0;--other-soft:#e7eaed;--good:#116239;--good-soft:#dcf1e4;--bad:#a31d1d;--bad-soft:#fbe2e0;--warn:#7a4d00;--warn-soft:#fcecc9;--on-sea:#fff;--on-other:#17202b}
@media (prefers-color-scheme:dark){:root{--paper:#10161d;--card:#18212b;--ink:#e8edf2;--soft:#a5b1bf;--rule:#2d3945;--sea:#5cc3d6;--sea-soft:#143e49;--other:#7c8894;--other-soft:#2a343f;--good:#6fd39b;--good-soft:#123a26;--bad:#ff9a91;--bad-soft:#4a1c1a;--warn:#f2c25f;--warn-soft:#43320d;--on-sea:#06232a;--on-other:#0b1015}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
header,nav,main,footer{max-width:1080px;margin:0 auto;padding:0 28px}
header{padding-top:44px}
.brand{margin:0;color:var(--sea);font-size:.8rem;font-weight:700;letter-spacing:.14em;text-transform:uppercase}
h1{margin:.2em 0 .1em;font-size:2.4rem;line-height:1.1;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{margin:0 0 .7em;font-size:1.35rem;letter-spacing:-.01em}
h3{margin:1.8em 0 .5em;font-size:1.02rem}
.lead{margin:0;color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:6px 16px;margin:22px 0;padding:12px 0;list-style:none;border-block:1px solid var(--rule);font-size:.9rem}
a{color:var(--sea);text-underline-offset:3px}
a:focus-visible,summary:focus-visible{outline:3px solid var(--sea);outline-offset:3px;border-radius:3px}
section{margin:0 0 26px;padding:26px 28px;background:var(--card);border:1px solid var(--rule);border-radius:12px}
.hero{border-top:5px solid var(--sea)}
.standing{margin:0 0 18px;font-size:1.25rem;font-weight:650}
.facts{margin:0 0 18px}
.facts>div{display:grid;grid-template-columns:minmax(120px,190px) 1fr;gap:4px 18px;padding:6px 0;border-bottom:1px solid var(--rule)}
.facts>div:last-child{border-bottom:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px}
.tile{display:flex;flex-direction:column;padding:16px 18px;border-radius:10px;background:var(--sea-soft)}
.tile-name{font-size:.82rem;font-weight:600}
.tile-value{font-size:1.9rem;font-weight:700;line-height:1.25;letter-spacing:-.02em}
.tile-note{font-size:.82rem;overflow-wrap:anywhere}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:22px;align-items:start}
.scroll{overflow-x:auto;margin:0 0 20px}
table{width:100%;border-collapse:collapse;font-size:.89rem}
caption{padding:0 0 8px;text-align:left;font-weight:650}
th{color:var(--soft);font-weight:600;text-align:left;border-bottom:2px solid var(--rule)}
th,td{padding:7px 14px 7px 0;vertical-align:top}
td{border-bottom:1px solid var(--rule);overflow-wrap:anywhere;min-width:64px}
.num{text-align:right;white-space:nowrap}
code{font:.86em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code.full{overflow-wrap:anywhere}
.pill{display:inline-block;padding:1px 10px;border-radius:99px;font-size:.86em;font-weight:650;white-space:nowrap;background:var(--other-soft);color:var(--ink)}
.standing .pill{font-size:1em;padding:4px 16px;white-space:normal}
.pill.good{background:var(--good-soft);color:var(--good)}
.pill.bad{background:var(--bad-soft);color:var(--bad)}
.pill.warn{background:var(--warn-soft);color:var(--warn)}
.missing,.note{color:var(--soft);font-style:italic}
.chart{margin:0 0 12px}
.chart svg{display:block;width:100%;height:auto}
figcaption{margin-top:6px;color:var(--soft);font-size:.86rem}
details{margin:0 0 22px;font-size:.9rem}
summary{cursor:pointer;color:var(--sea);padding:4px 0}
svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
svg .label{paint-order:stroke;stroke:var(--card);stroke-width:5px;stroke-linejoin:round}
svg .tick{font-size:12px;fill:var(--soft)}
.grid{stroke:var(--rule)}
.ideal,.promise{stroke:var(--soft);stroke-dasharray:5 5;fill:none;stroke-width:1.5}
.line{fill:none;stroke:var(--sea);stroke-width:2.5;stroke-linejoin:round}
.line.other,.whisker.other{stroke:var(--other)}
.dot{fill:var(--sea);stroke:var(--card);stroke-width:1.5}
.dot.other{fill:var(--other)}
.band{fill:var(--sea);opacity:.18}
.band.other{fill:var(--other)}
.whisker{stroke:var(--sea);stroke-width:1.5;opacity:.6}
.strip{fill:var(--sea)}
.strip.other{fill:var(--other)}
svg .strip-label{font-weight:650;font-size:12px;fill:var(--on-sea)}
svg .strip-label.other{fill:var(--on-other)}
.bar{fill:var(--other)}
.bar.drift{fill:var(--bad)}
.bar.no-drift{fill:var(--sea)}
.limit{stroke:var(--warn);stroke-dasharray:4 4;stroke-width:1.5}
.edge{fill:none;stroke:var(--other);stroke-width:1.5}
.node{fill:var(--card);stroke:var(--other);stroke-width:1.5}
.node.root{fill:var(--sea);stroke:var(--sea)}
svg .kind{font-size:11px;fill:var(--soft)}
svg .name{font-weight:600}
svg .kind.root,svg .name.root{fill:var(--on-sea)}
footer{padding:6px 28px 48px;color:var(--soft);font-size:.86rem}
@media (max-width:640px){header,nav,main,footer{padding-inline:16px}section{padding:20px 16px}.facts>div{grid-template-columns:1fr}h1{font-size:1.8rem}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb;--sea:#0a5f73;--sea-soft:#eef6f7;--on-sea:#fff;--other:#8a94a0;--other-soft:#eee;--good:#116239;--good-soft:#fff;--bad:#a31d1d;--bad-soft:#fff;--warn:#7a4d00;--warn-soft:#fff}body{font-size:10.5pt}nav{display:none}section{border:0;padding:0;margin:0 0 18pt}figure,tr,.tile{break-inside:avoid}h2,h3,caption{break-after:avoid}.pill{border:1px solid currentColor}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
