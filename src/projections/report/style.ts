/** The look of reports. Layers have the colours of the screen (Okabe and Ito's), darker on white so that words can be read. */

const LIGHT = `--paper:#fff;--ink:#1b1f24;--dim:#57606a;--line:#d0d7de;--panel:#f6f8fa;--pick:#fff1d6;--bad:#b3261e;--good:#0b6e4f;
--l1:#57606a;--l2:#8a5a00;--l3:#0b6e4f;--l4:#0a5c94;--l5:#a04a00;--l6:#6b6300;--l7:#97406f`;
const DARK = `--paper:#0d1117;--ink:#e6edf3;--dim:#9aa0a6;--line:#30363d;--panel:#161b22;--pick:#3a2d10;
--bad:#ff8a70;--good:#2bc49a;--l1:#9aa0a6;--l2:#e69f00;--l3:#2bc49a;--l4:#56b4e9;--l5:#ff9e64;--l6:#f0e442;--l7:#dd8fbc`;
const COLOURS = `:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}`;

const DRAWING = `
.paper{fill:var(--paper)}.name{font:600 13px ui-monospace,monospace;fill:var(--ink)}
.time,.dim{font:11px ui-monospace,monospace;fill:var(--dim)}.words,.note{font:12px ui-monospace,monospace}
.life{stroke:var(--line);fill:none}.dashed{stroke-dasharray:5 4}.area{fill:transparent}
path{stroke-width:1.6;fill:none}path.tip{stroke:none}
${[1, 2, 3, 4, 5, 6, 7].map((layer) => `path.l${layer}{stroke:var(--l${layer})}.tip.l${layer},circle.l${layer},text.l${layer}{fill:var(--l${layer})}`).join('\n')}
path.bad{stroke:var(--bad)}.tip.bad,circle.bad,text.bad{fill:var(--bad)}
.curve{stroke-width:1.6}.acks{stroke:var(--l3)}.window{stroke:var(--l4);stroke-width:2}`;

const PAGE = `
*{box-sizing:border-box}html{color-scheme:light dark}
body{margin:0 auto;max-width:1320px;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}p{margin:.4rem 0;max-width:70ch}
.about,.hint{color:var(--dim)}ul{padding-left:1.2rem}li.pass::marker{content:"✓ ";color:var(--good)}
li.fail::marker{content:"✗ ";color:var(--bad)}li.fail{color:var(--bad)}
.split{display:grid;grid-template-columns:minmax(0,1.6fr) minmax(0,1fr);gap:1rem;align-items:start}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.8rem;overflow:auto}
.ladder{max-height:78vh}.ladder svg,.plot svg{max-width:none;display:block}.plot svg{width:100%;height:auto;max-width:760px}
.frame{cursor:pointer}.frame.on .area{fill:var(--pick);stroke:var(--l2)}
.detail{position:sticky;top:.5rem;max-height:92vh}.bar{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}
button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--dim);border-radius:6px;padding:.25rem .7rem;cursor:pointer}
button:focus-visible,summary:focus-visible,input:focus-visible,.panel:focus-visible{outline:3px solid var(--l4);outline-offset:1px}
table{border-collapse:collapse;width:100%;font-size:.85rem}th{text-align:left;font-weight:400;color:var(--dim);vertical-align:top;padding-right:.8rem}
td,th{padding:.1rem .3rem}td{font-family:ui-monospace,monospace;overflow-wrap:anywhere}tr.at{background:var(--pick)}
pre{font:12px/1.6 ui-monospace,monospace;margin:.6rem 0 0;overflow:auto}pre .at{background:var(--pick);font-weight:700}
${[1, 2, 3, 4, 5, 6, 7].map((layer) => `.t${layer}{color:var(--l${layer})}`).join('')}
fieldset{border:1px solid var(--line);border-radius:8px;margin:.8rem 0;padding:.6rem .9rem}legend{font-weight:600;padding:0 .3rem}
label{display:block;padding:.15rem 0}.answer{min-height:1.5em}.right{color:var(--good)}.wrong{color:var(--bad)}
dl.lesson dt{font-weight:600;margin-top:.6rem}dl.lesson dd{margin:0 0 .2rem}
@media (max-width:800px){.split{grid-template-columns:minmax(0,1fr)}.ladder{max-height:48vh}.detail{position:static;max-height:none}}
@media print{.ladder,.detail{max-height:none}.bar{display:none}}`;

const VALUES: ReadonlyMap<string, string> = new Map(
  LIGHT.split(/[;\n]+/).map((pair) => pair.split(':') as [string, string]),
);

/** For a picture of its own, which other programs draw that know no variables. */
export const DRAWING_STYLE = DRAWING.replace(/var\((--\w+)\)/g, (_, name: string) => VALUES.get(name) ?? 'none');
export const PAGE_STYLE = `${COLOURS}${PAGE}${DRAWING}`;
