"""The style sheet of a report: for phones, desktops and paper, light and dark."""

from lth_tf.figures.palette import BLUE, GREEN, VERMILLION

# Marks differ in form, not in color alone. Pictures keep their white ground at night.
CSS = f"""
:root {{ color-scheme: light dark; --line: #ccc; --ground: #f5f5f5; --link: {BLUE};
  --whole: {GREEN}; --part: {BLUE}; --none: {VERMILLION}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --line: #555; --ground: #2a2a2a; --link: #56b4e9; --part: #56b4e9; --none: #e69f00; }} }}
body {{ font: 16px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 0 auto;
  padding: 0 .9rem 3rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.5rem; line-height: 1.2; margin: 1.2rem 0 .3rem; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .3rem; border-top: 1px solid var(--line);
  padding-top: .8rem; }}
h3 {{ font-size: 1rem; margin: 1.2rem 0 .2rem; }}
p {{ margin: .3rem 0 .6rem; }}
p, ul, ol, figure {{ max-width: 62rem; }}
a {{ color: var(--link); }}
.source, .note, .caption, footer {{ font-size: .88rem; opacity: .85; }}
.caption {{ font-style: italic; }}
footer {{ margin-top: 2rem; }}
figure {{ margin: .6rem 0; }}
img {{ width: 100%; height: auto; background: #fff; }}
svg {{ width: 100%; max-width: 24rem; height: auto; }}
.wide {{ overflow-x: auto; margin: .5rem 0 1rem; }}
table {{ border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }}
td, th {{ white-space: nowrap; }}
tbody th {{ font-weight: 600; position: sticky; left: 0; background: Canvas; }}
.beside th span, .subject {{ display: block; font-weight: 400; font-size: .82rem;
  white-space: normal; }}
.beside tbody th {{ min-width: 9rem; white-space: normal; }}
.commands td, .paper td, .paper thead th, .index th {{ white-space: normal; }}
.paper td {{ min-width: 3.4rem; }}
.matrix table {{ width: 100%; max-width: 34rem; }}
.matrix th, .matrix td {{ padding: .1rem; text-align: center; }}
.matrix tbody th {{ text-align: left; font-weight: 400; }}
.matrix thead span {{ writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 400;
  white-space: nowrap; }}
.whole {{ color: var(--whole); }} .part {{ color: var(--part); }} .none {{ color: var(--none); }}
code {{ font: .82rem ui-monospace, monospace; background: var(--ground); padding: .1rem .25rem;
  overflow-wrap: anywhere; user-select: all; }}
code span {{ display: inline-block; }}
.commands td:last-child {{ min-width: 18rem; }} .index tbody th {{ min-width: 12rem; }}
.missing {{ font-size: .88rem; border-left: 3px solid var(--none); padding-left: .6rem; }}
.inner {{ margin-left: 1.5rem; }}
summary {{ font-size: .85rem; color: var(--link); cursor: pointer; }}
@media print {{
  body {{ font-size: 10pt; max-width: none; padding: 0; }}
  h2, h3, .caption, .samples, .subject {{ break-after: avoid; }}
  figure, tr {{ break-inside: avoid; }}
  img {{ max-height: 20cm; width: auto; min-width: 0 !important; }}
  .wide {{ overflow: visible; }} tbody th {{ position: static; }}
  table {{ font-size: 7.5pt; }} th, td {{ white-space: normal; }}
  .matrix span {{ white-space: nowrap; }} .commands td:last-child {{ min-width: 0; }}
  a {{ color: inherit; text-decoration: none; }}
  details {{ display: none; }}
}}
"""
