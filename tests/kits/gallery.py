"""One page with every kind of element that shows a picture, and what each must show."""

from __future__ import annotations

from typing import Final

from site_kit import Answer, Site

SHOWS: Final = {
    "plain": "a",
    "unnamed": "b",  # no extension in its name, no type of ours
    "dense": "c",
    "wide-srcset": "d",
    "picture": "e",
    "lazy": "f",
    "clear": "clear",
    "svg": "a",
    "svg-xlink": "b",
    "input": "c",
    "poster": "d",
    "inline": "e",
    "sheet": "f",
    "sheet-unnamed": "b",
    "layers": "a",
    "before": "b",
    "after": "c",
    "open-shadow": "d",
    "closed-shadow": "e",
    "shadow-style": "f",
    "blank-frame": "a",
    "srcdoc": "b",
    "frame": "c",
    "late": "d",
    "changed": "e",
    "reused": "f",
}
"""Element id -> the picture (96 x 64) that it shows."""

_HTML: Final = """
<link rel=stylesheet href=/gallery.css>
<script src=/gallery.js defer></script>
<p>
<img id=plain src=/a.sdz>
<img id=unnamed src=/b>
<img id=dense src=/broken.png srcset="/c.sdz 1x, /broken.png 2x">
<img id=wide-srcset srcset="/d.sdz 96w, /broken.png 960w" sizes=96px>
<picture><source media="(min-width: 9999px)" srcset=/broken.png><source srcset="/e.sdz">
  <img id=picture src=/broken.png></picture>
<img id=lazy loading=lazy src=/f.sdz>
<img id=clear src=/clear.sdz>
<p>
<svg id=svg width=96 height=64><image href=/a.sdz width=96 height=64 /></svg>
<svg id=svg-xlink width=96 height=64><image xlink:href=/b.sdz width=96 height=64 /></svg>
<input id=input type=image src=/c.sdz>
<video id=poster poster=/d.sdz width=96 height=64></video>
<p>
<span class=box id=inline></span> <span class=box id=sheet></span>
<span class=box id=sheet-unnamed></span> <span class=box id=layers></span>
<span class=box id=before></span> <span class=box id=after></span>
<p>
<span class=box id=open-shadow></span> <span class=box id=closed-shadow></span>
<span class=box id=shadow-style></span>
<p>
<iframe id=blank-frame></iframe>
<iframe id=srcdoc srcdoc="<link rel=stylesheet href=/frame.css><img src=/b.sdz>"></iframe>
<iframe id=frame src=/frame></iframe>
<p id=later>
"""

# No font: with some a space is 5.09 pixels wide, and what stands after it is resampled.
_CSS: Final = """
body { margin: 4px } p { margin: 2px 0; height: 66px; white-space: nowrap; font-size: 0 }
img, input, svg { vertical-align: top }
.box { display: inline-block; width: 96px; height: 64px; position: relative }
iframe { border: 0; width: 96px; height: 64px; overflow: hidden }
#sheet { background: url(/f.sdz) }
#sheet-unnamed { background-image: url("b?of=sheet") }
#layers { background: linear-gradient(transparent, transparent),
  url('a.sdz?layer') no-repeat, linear-gradient(red, red) }
#before::before { content: url(b.sdz); position: absolute; left: 0 }
#after::after { content: ""; position: absolute; inset: 0; background: url(c.sdz) }
"""

_SCRIPT: Final = """
const id = name => document.getElementById(name);
id("inline").style.backgroundImage = "url(/e.sdz)";
const image = src => Object.assign(new Image(), { src });
id("open-shadow").attachShadow({ mode: "open" }).append(image("/d.sdz"));
id("closed-shadow").attachShadow({ mode: "closed" }).append(image("/e.sdz"));
const styled = id("shadow-style").attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(":host { background: url(/f.sdz?in=shadow) }");
styled.adoptedStyleSheets = [sheet];
const inner = id("blank-frame").contentDocument;
inner.body.append(Object.assign(inner.createElement("img"), { src: "/a.sdz" }));
inner.body.style.margin = 0;
addEventListener("load", () => setTimeout(() => {
  const add = (name, src) => {
    const made = Object.assign(new Image(), { id: name, src });
    id("later").append(made);
    return made;
  };
  add("late", "/d.sdz");
  const changed = add("changed", "/a.sdz");
  const reused = add("reused", "/picture.png");
  setTimeout(() => {
    changed.src = "/e.sdz";
    reused.src = "/f.sdz";
    document.body.dataset.all = "there";
  }, 300);
}, 100));
"""


def put_up(site: Site, pictures: dict[str, bytes], png: bytes) -> str:
    """Put the gallery up under a strict policy and return its address."""
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
        site.sdz(f"/{name}", data, "application/octet-stream")
    site.answers["/picture.png"] = Answer(png, "image/png")
    site.answers["/gallery.css"] = Answer(_CSS.encode(), "text/css")
    site.answers["/frame.css"] = Answer(b"body { margin: 0 } img { display: block }", "text/css")
    site.script("/gallery.js", _SCRIPT)
    policy = (
        "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; frame-src 'self'"
    )
    site.page("/frame", "<link rel=stylesheet href=/frame.css><img src=/c.sdz>", policy)
    return site.page("/gallery", _HTML, policy)
