/** The style sheet of the page: no fonts or pictures from anywhere, light and dark, one column where it is narrow. */
export const PAGE_STYLE = `
:root{--paper:#f4f6f5;--card:#fff;--ink:#14232b;--soft:#50626c;--line:#dde4e3;--accent:#0b7285;--tint:#e3f1f2;
--good:#17713f;--good-tint:#e2f3e8;--bad:#b0261c;--bad-tint:#fce8e6;--warn:#8a5200;--warn-tint:#fdf0da;
--busy:#0b6577;--busy-tint:#e0f1f4;--calm:#50626c;--calm-tint:#edf0f0;--s1:#e0902f;--s2:#7a5bb5;--s3:#8a979d;
--shadow:0 1px 2px #14232b0d,0 4px 16px #14232b0a}
@media (prefers-color-scheme:dark){:root{--paper:#0d151a;--card:#141f26;--ink:#e7eff1;--soft:#9db1ba;--line:#26363f;
--accent:#5ac8d8;--tint:#163138;--good:#63d297;--good-tint:#12301f;--bad:#ff938a;--bad-tint:#3a1a18;--warn:#f2b95f;
--warn-tint:#33260f;--busy:#67cfdd;--busy-tint:#122f36;--calm:#9db1ba;--calm-tint:#1e2b32;--s1:#f2b05f;--s2:#b79cec;
--s3:#7d8f98;--shadow:0 0 0 1px #ffffff08}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
p,h1,h2,h3,ul,ol,dl,dd,figure,pre{margin:0;padding:0}
ul,ol{list-style:none}
code,pre{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}
.unseen,.skip:not(:focus){position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip:focus{position:absolute;left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:1}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.75rem;max-width:1400px;margin:0 auto;padding:1.4rem 2rem 1.1rem}
.brand{display:flex;align-items:center;gap:.6rem;font:600 1.5rem/1 "Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif;
letter-spacing:-.01em;color:var(--ink);text-decoration:none}
.logo{width:1.9rem;height:1.9rem;fill:none;stroke:var(--accent);stroke-width:2.6;stroke-linecap:round}
.top nav{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;margin-left:auto;font-size:.92rem}
.condition{display:flex;align-items:center;gap:.55rem;font-weight:500}
.condition.good{color:var(--good)}.condition.warn{color:var(--warn)}.condition.bad{color:var(--bad)}.condition.busy{color:var(--busy)}
.dot{width:.6rem;height:.6rem;border-radius:50%;background:currentColor;flex:none}
main{max-width:1400px;margin:0 auto;padding:0 2rem}
.columns{display:grid;grid-template-columns:minmax(0,7fr) minmax(0,5fr);gap:1.25rem;align-items:start}
.column{display:grid;gap:1.25rem;min-width:0}
.card{background:var(--card);border-radius:14px;box-shadow:var(--shadow);padding:1.25rem 1.5rem 1.4rem;min-width:0}
h2{font-size:.8rem;font-weight:650;letter-spacing:.07em;text-transform:uppercase;color:var(--soft);margin-bottom:.8rem}
h3{display:inline-block;font-size:1.02rem;font-weight:620;line-height:1.35}
.name{font-weight:600;unicode-bidi:isolate}
.meta .name,.events .name{font-weight:500;color:var(--ink)}
.meta{color:var(--soft);font-size:.87rem}
.quiet{color:var(--soft)}
article+article,.dataset+.dataset{border-top:1px solid var(--line);margin-top:1rem;padding-top:1rem}
article header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .6rem;margin-bottom:.45rem}
.endpoint header .meta{flex-basis:100%}
.endpoint h3{font-size:1.25rem}
.chip{display:inline-block;border-radius:99px;padding:.05rem .6rem;font-size:.8rem;font-weight:580;line-height:1.5;white-space:nowrap;vertical-align:.08em}
.chip.good{background:var(--good-tint);color:var(--good)}.chip.bad{background:var(--bad-tint);color:var(--bad)}
.chip.warn{background:var(--warn-tint);color:var(--warn)}.chip.busy{background:var(--busy-tint);color:var(--busy)}
.chip.calm{background:var(--calm-tint);color:var(--calm)}
.routing{margin:.6rem 0 .5rem}.routing .meta{margin-top:.15rem}
.routing svg{display:block;width:100%;height:14px;border-radius:7px}
rect.share-0{fill:var(--accent)}rect.share-1{fill:var(--s1)}rect.share-2{fill:var(--s2)}rect.share-3{fill:var(--s3)}
i.share-0{background:var(--accent)}i.share-1{background:var(--s1)}i.share-2{background:var(--s2)}i.share-3{background:var(--s3)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.3rem;margin-top:.4rem}
.legend i{display:inline-block;width:.7rem;height:.7rem;border-radius:3px;margin-right:.4rem}
.waits{border-left:3px solid var(--s1);padding:.05rem 0 .05rem .7rem;margin:.4rem 0}
.charts{display:grid;gap:1.3rem;margin-top:1.2rem}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:.05rem .6rem;margin-bottom:.45rem}
.last{font-size:1.25rem;font-weight:620;color:var(--accent)}
.plot{display:grid;grid-template-columns:2.9rem minmax(0,1fr);gap:.5rem}
.axis-y{display:flex;flex-direction:column;justify-content:space-between;text-align:right;font-size:.78rem;line-height:1;color:var(--soft)}
.plot svg{display:block;width:100%;height:130px}
.chart+.chart .plot svg{height:84px}
.plot path{fill:none;vector-effect:non-scaling-stroke}
.plot .grid{stroke:var(--line)}
.plot .change{stroke:var(--soft);stroke-dasharray:2 3}
.plot .band{fill:var(--accent);opacity:.15}
.plot .whisker{stroke:var(--accent);stroke-width:8;opacity:.2}
.plot .line{stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.plot .point{stroke:var(--accent);stroke-width:6.5;stroke-linecap:round}
.plot .point.failed{stroke:var(--bad);stroke-width:9}
.plot .expected{stroke:var(--ink);stroke-width:1.3;stroke-dasharray:6 4;opacity:.7}
.axis-x{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;margin:.3rem 0 0 3.4rem;font-size:.78rem;color:var(--soft)}
.report{margin-top:1rem;padding-top:.9rem;border-top:1px dashed var(--line)}
.evidence{margin-top:.4rem}
ul.evidence li{font-size:.92rem;padding-left:.9rem;text-indent:-.9rem}
ul.evidence li::before{content:"–";display:inline-block;width:.9rem;text-indent:0;color:var(--soft)}
details{margin-top:.8rem}summary{cursor:pointer;color:var(--soft);font-size:.87rem}
.scroll{overflow-x:auto;margin-top:.4rem}
table{border-collapse:collapse;font-size:.85rem;white-space:nowrap;width:100%}
th{font-weight:580;color:var(--soft);text-align:left}
th,td{padding:.22rem .9rem .22rem 0;border-bottom:1px solid var(--line)}
.steps{display:flex;flex-wrap:wrap;gap:.4rem}
.step{display:flex;align-items:baseline;gap:.4rem;border:1px solid var(--line);border-radius:8px;padding:.15rem .65rem;font-size:.9rem}
.step small{color:var(--soft);font-size:.82em}
.step .sign{font-weight:700;color:var(--soft)}
.step.succeeded .sign,.step.cached .sign{color:var(--good)}
.step.running{border-color:var(--busy);background:var(--busy-tint)}.step.running .sign{color:var(--busy)}
.step.failed{border-color:var(--bad);background:var(--bad-tint)}.step.failed .sign{color:var(--bad)}
.step.waiting,.step.queued,.step.skipped,.step.cancelled{color:var(--soft)}
.fault{margin-top:.6rem;font-size:.9rem;color:var(--bad)}.remedy{color:var(--ink)}
.progress{margin-top:.6rem}.progress svg{display:block;width:100%;height:5px;border-radius:3px}
.progress .track{fill:var(--line)}.progress .fill{fill:var(--accent)}
.alert{border-left:3px solid var(--warn);padding:.1rem 0 .1rem .85rem}
.alert+.alert{border-top:0;padding-top:.1rem}
.alert.critical{border-color:var(--bad)}
.alert .evidence{margin:.15rem 0 .35rem}
.release h3 a{color:inherit}
.gates{display:flex;flex-wrap:wrap;gap:.3rem;margin:.4rem 0}
.gate{border-radius:6px;padding:.05rem .5rem;font-size:.8rem;background:var(--good-tint);color:var(--good)}
.gate.fail{background:var(--bad-tint);color:var(--bad)}.gate.insufficient{background:var(--warn-tint);color:var(--warn)}
.rows li{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.22rem 0}
.rows .meta a{margin-left:.6rem}
.facts{display:flex;flex-wrap:wrap;gap:.3rem 2.2rem;margin:.25rem 0}
.facts dt{font-size:.8rem;color:var(--soft)}.facts dd{font-size:1.2rem;font-weight:600;line-height:1.2}.facts .warn{color:var(--warn)}
.events li{display:grid;grid-template-columns:2.6rem minmax(0,1fr) auto;gap:.6rem;padding:.28rem 0;border-bottom:1px solid var(--line);font-size:.9rem}
.events li:last-child{border:0}.more{margin-top:.6rem}
.events .seq,.events time{color:var(--soft);font-size:.85em;white-space:nowrap}
.events .denied,.events .error{color:var(--bad)}
.welcome{max-width:46rem;margin:2rem auto;padding:2.2rem 2.5rem}
.welcome h1{font:600 1.9rem/1.2 "Iowan Old Style","Palatino Linotype",Palatino,Georgia,serif;margin-bottom:.7rem}
.begin{counter-reset:step;margin:1.4rem 0;display:grid;gap:1.3rem}
.begin{grid-template-columns:minmax(0,1fr)}.begin li{counter-increment:step;min-width:0;position:relative;padding-left:2.4rem}
.begin li::before{content:counter(step);position:absolute;left:0;top:.05rem;width:1.6rem;height:1.6rem;border-radius:50%;background:var(--tint);
color:var(--accent);font-weight:650;font-size:.9rem;text-align:center;line-height:1.6rem}
pre{margin-top:.4rem;padding:.8rem 1rem;border-radius:9px;background:var(--paper);border:1px solid var(--line);overflow-x:auto;white-space:pre;overflow-wrap:normal}
footer{max-width:1400px;margin:0 auto;padding:1.6rem 2rem 2.4rem;color:var(--soft);font-size:.85rem}
.single{display:grid;gap:1.25rem;max-width:60rem;margin:0 auto;grid-template-columns:minmax(0,1fr)}
.single h1{font-size:1.45rem;line-height:1.3;font-weight:620;margin-bottom:.9rem}.single h1 small{font-size:.75em;font-weight:500;color:var(--soft)}
.lines>div{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.1rem 1rem;padding:.35rem 0;border-top:1px solid var(--line)}
.lines dt{color:var(--soft)}
.todo pre{white-space:pre-wrap;overflow-wrap:anywhere}
.todo{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}
.results>li{display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.2rem 1rem;padding:.7rem 0;border-top:1px solid var(--line)}
.results>li:first-child,.lines>div:first-child{border-top:0}.results .chip{justify-self:start;align-self:start}
.results details{margin-top:.3rem}.results pre{max-height:20rem;overflow:auto;font-size:.85rem}
pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.counters td,.counters th:not(:first-child){text-align:right}.counters{width:auto;margin:.3rem 0}.counters .bad{color:var(--bad);font-weight:600}
.counters th:first-child{padding-right:1.6rem}
@media (max-width:1100px){.columns{display:flex;flex-direction:column;align-items:stretch}.column{display:contents}.some-alerts{order:-1}}
@media (max-width:620px){.lines>div,.results>li{grid-template-columns:minmax(0,1fr)}.single{gap:.8rem}.top{padding:1rem 1rem .8rem}main,footer{padding-left:.75rem;padding-right:.75rem}.top nav{margin-left:0}
.card{padding:1rem 1.05rem 1.15rem;border-radius:11px}.welcome{margin:.5rem 0;padding:1.4rem 1.2rem}.columns,.column{gap:.8rem}
.axis-x .changes{order:1;flex-basis:100%}.events li{grid-template-columns:minmax(0,1fr) auto}.events .seq{display:none}}
.endpoint>.meta+.quiet,.endpoint>.scroll+.quiet{margin-top:.5rem}
@media print{body{background:#fff}.card{box-shadow:none;border:1px solid var(--line)}}
`;
