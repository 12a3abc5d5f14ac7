/** The look of a card as a page: one column that prints well, no fonts and no pictures from elsewhere. */
export const CARD_STYLE = `
:root{--ink:#172033;--soft:#5b6679;--line:#dde3ec;--paper:#fff;--wash:#f4f6fa;--accent:#0b6e75;--warn:#a35a00;--warn-wash:#fff6e8}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf4;--soft:#9aa6ba;--line:#2c3648;--paper:#121826;--wash:#1a2233;--accent:#4cc3c9;--warn:#f0b357;--warn-wash:#2b2214}}
*{box-sizing:border-box}
body{margin:0;background:var(--wash);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:860px;margin:32px auto;background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:36px 44px}
.brand{margin:0;color:var(--accent);font-size:12px;font-weight:650;letter-spacing:.08em;text-transform:uppercase}
h1{margin:4px 0 2px;font-size:30px;line-height:1.2}
h1 span{color:var(--soft);font-weight:400}
h2{margin:34px 0 10px;padding-bottom:6px;border-bottom:1px solid var(--line);font-size:17px}
.lead{margin:6px 0 18px;color:var(--soft)}
.complete{display:flex;align-items:center;gap:14px;margin:18px 0 6px}
.complete svg{flex:1;height:10px}
.complete b{font-size:20px;font-variant-numeric:tabular-nums}
.open{margin:0;color:var(--warn);font-size:13px}
dl{display:grid;grid-template-columns:minmax(120px,190px) 1fr;gap:7px 20px;margin:0}
dt{color:var(--soft)}
dd{margin:0}
.missing{color:var(--warn);background:var(--warn-wash);border-radius:5px;padding:1px 8px;font-size:13px}
.human{color:var(--accent);font-size:12px;margin-left:6px}
table{width:100%;margin-top:18px;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-size:12px;font-weight:600;text-align:left}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:middle}
th.number,td.number{text-align:right;white-space:nowrap}
td svg{display:block;width:150px;height:16px}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace}
footer{margin-top:34px;color:var(--soft);font-size:12px}
.axis{stroke:var(--line)}.span{stroke:var(--accent);stroke-width:3;stroke-linecap:round}.dot{fill:var(--accent)}.track{fill:var(--line)}.fill{fill:var(--accent)}
@media (max-width:640px){main{margin:0;border:0;border-radius:0;padding:22px 18px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:10px}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--wash:#fff;--accent:#0b6e75;--warn:#7a4300;--warn-wash:#fff}main{margin:0;max-width:none;border:0;padding:0}h2{break-after:avoid}tr,dd{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}@page{margin:18mm}}
`;
