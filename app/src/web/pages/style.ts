/** The look of every page: one small sheet, inline, light and dark, from a phone to a wide screen. */
export const style = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#17202b;--quiet:#566273;--line:#d9dfe7;--accent:#0b62c4;--on-accent:#fff;--no:#2f7fd6;--yes:#d9730d;--no-soft:#dcebfb;--yes-soft:#fdeadb;--wrong:#fff1f0;--wrong-ink:#a8200d}
@media(prefers-color-scheme:dark){:root{--paper:#10151c;--card:#18202a;--ink:#e7edf4;--quiet:#9fadbd;--line:#2c3744;--accent:#7db6ff;--on-accent:#0b1420;--no:#5ea6f5;--yes:#f0954a;--no-soft:#17324f;--yes-soft:#4a2d14;--wrong:#331a18;--wrong-ink:#ffb1a6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;padding-top:1.1rem;padding-bottom:.9rem}
header strong{letter-spacing:.01em}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem}
a{color:var(--accent);text-underline-offset:.2em}
nav a{text-decoration:none;padding:.15rem 0;border-bottom:2px solid transparent}
nav a:hover{border-color:var(--line)}
nav a[aria-current]{color:var(--ink);border-color:var(--accent)}
a:focus-visible,input:focus-visible,.rows:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:3px}
main{padding-top:1.4rem;padding-bottom:2rem}
h1{font-size:clamp(1.45rem,4.6vw,2.2rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:0 0 .75rem}
p{max-width:44rem;margin:0 0 1rem}
.quiet{color:var(--quiet)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.15rem 1.25rem;margin:1.1rem 0}
.grid{display:grid;gap:1.1rem;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr))}
.card>:last-child{margin-bottom:0}
.grid>*{margin:0}
.facts{display:grid;gap:.2rem 1.5rem;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));margin:0}
.facts dt{color:var(--quiet);font-size:.84rem}
.facts dd{margin:0 0 .5rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
input[type=submit]{font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:0;border-radius:8px;padding:.65rem 1.2rem;cursor:pointer}
input[type=submit]:hover{filter:brightness(1.08)}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--ink);font:13px system-ui,"Liberation Sans",sans-serif}
svg .small{fill:var(--quiet);font-size:12px}
svg .count{font-size:22px;font-weight:600}
.axis{stroke:var(--line);stroke-width:1}
.half{stroke:var(--quiet);stroke-width:1;stroke-dasharray:4 3}
.no{fill:var(--no)}.yes{fill:var(--yes)}
.right-cell{fill:var(--no-soft)}.wrong-cell{fill:var(--yes-soft)}
.key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:.35em}
.key.no{background:var(--no)}.key.yes{background:var(--yes)}
.legend{font-size:.88rem;color:var(--quiet);margin:.6rem 0 0}
.legend span{margin-right:1.1rem;white-space:nowrap}
.rows{max-height:30rem;overflow:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;border:0;font-variant-numeric:tabular-nums}
th,td{border:1px solid var(--line);border-width:0 0 1px;text-align:left;padding:.35rem .9rem;width:50%}
th{position:sticky;top:0;background:var(--card);border-bottom-width:2px}
tr:last-child td{border-bottom:0}
.wrong td{background:var(--wrong);color:var(--wrong-ink)}
.wrong td:last-child::after{content:" \\2260";font-weight:700}
label{display:block;font-weight:600;margin-bottom:.25rem}
input[type=number],textarea{font:inherit;width:100%;color:var(--ink);background:var(--paper);border:1px solid var(--quiet);border-radius:8px;padding:.5rem .7rem}
textarea{resize:vertical;min-height:6rem}
input[aria-invalid=true]{border-color:var(--wrong-ink)}
input[type=number]:focus-visible,textarea:focus-visible{outline:3px solid var(--accent);outline-offset:1px}
.fields{display:grid;gap:.4rem 1.2rem;grid-template-columns:repeat(auto-fit,minmax(min(14rem,100%),1fr))}
small{color:var(--quiet);display:block;min-height:1.4em}
.problem{color:var(--wrong-ink);font-weight:600}
meter{width:100%;height:1.1rem;margin-bottom:.8rem}
meter::-webkit-meter-optimum-value{background:var(--accent)}
meter::-moz-meter-bar{background:var(--accent)}
pre{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;overflow:auto;font-size:.86rem;margin:.3rem 0 1rem}
.method{font-weight:700;margin-right:.5em}
pre:focus-visible{outline:3px solid var(--accent);outline-offset:1px}
footer{color:var(--quiet);font-size:.86rem;padding-bottom:2rem}
code{font-size:.92em}
`.trim()
