"""Pages: an ``<img>`` becomes a ``<picture>``, and not a byte more changes."""

from __future__ import annotations

import pytest
from elements import Elements

from sdz.publishing.manifest import Output, PictureRecord
from sdz.publishing.markup import STYLE, UNSCRIPTED, Showing
from sdz.publishing.pages import BASE, CHOSEN, ELSEWHERE, MISSING, Page

FILES = {"img/a b.jpg", "c.png"}


def record(base: str = "img/a b", plain: str = "jpeg") -> PictureRecord:
    kinds = (("sdz", ".sdz"), ("avif", ".avif"), (plain, ".jpg"))
    outputs = tuple(
        Output(f"{base}{end}{suffix}", kind, width, width // 2, 1, 50.0, None, "")
        for kind, suffix in kinds
        for end, width in (("-480", 480), ("", 1000))
    )
    return PictureRecord("", 1, "", base, 1000, 500, outputs)


def rewritten(html: str, path: str = "index.html", sizes: str | None = None) -> str:
    page = Page.read(path, html.encode())
    shown, _ = page.pictures(FILES)
    return page.rewritten({image: record() for image in shown}, Showing(sizes)).decode()


def test_the_element() -> None:
    html = '<p>x <img class="big" src="img/a%20b.jpg?v=2" alt="A &quot;b&quot; &amp; c" hidden> y'
    got = rewritten(html)
    assert got.startswith("<p>x <picture><source ")
    assert got.endswith("></picture> y")
    assert "> <" not in got  # white space between would show
    (_, picture, sdz, avif, image) = Elements(got).found
    sizes = "(max-width: 1000px) 100vw, 1000px"
    assert picture == ("picture", {})
    assert sdz == (
        "source",
        {
            "type": "image/x-sdz",
            "srcset": "img/a%20b-480.sdz 480w, img/a%20b.sdz 1000w",
            "sizes": sizes,
        },
    )
    assert avif[1]["type"] == "image/avif"
    assert image == (
        "img",
        {
            "src": "img/a%20b.jpg",
            "srcset": "img/a%20b-480.jpg 480w, img/a%20b.jpg 1000w",
            "sizes": sizes,
            "class": "big",
            "alt": 'A "b" & c',
            "hidden": None,
            "width": "1000",
            "height": "500",
            "data-sdz": None,
            "loading": "lazy",
        },
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            'width="300"',
            {"width": "300", "height": "150", "sizes": "(max-width: 300px) 100vw, 300px"},
        ),
        ('width="300" height="9"', {"width": "300", "height": "9"}),
        ('width="50%"', {"width": "50%"}),
        ('loading="eager"', {"loading": "eager"}),
        ('sizes="50vw"', {"sizes": "50vw"}),
        ("", {"sizes": "33vw"}),
    ],
)
def test_what_is_said_already_stays(given: str, kept: dict[str, str]) -> None:
    sizes = None if "width" in given else "33vw"
    image = Elements(rewritten(f'<img src="img/a b.jpg" {given}>', sizes=sizes)).found[-1][1]
    assert {name: image[name] for name in kept} == kept
    if given == 'width="50%"':
        assert "height" not in image


@pytest.mark.parametrize(
    ("path", "source", "folder"),
    [
        ("index.html", "img/a b.jpg", "img/"),
        ("index.html", "/img/a b.jpg", "/img/"),
        ("index.html", "./img/../img/a b.jpg#x", "./img/../img/"),
        ("img/page.html", "a b.jpg", ""),
        ("x/y/page.html", "../../img/a%20b.jpg", "../../img/"),
    ],
)
def test_addresses_stay_as_they_are_but_for_the_name(path: str, source: str, folder: str) -> None:
    image = Elements(rewritten(f'<img src="{source}">', path)).found[-1][1]
    assert image["src"] == f"{folder}a%20b.jpg"


REST = """<!DOCTYPE html>\r
<!-- <img src="c.png"> --><HTML><head><title><img src="c.png"></title>
<script>document.write('<img src="c.png">')</script><style>a{b:url(c.png)}</style></head >
<body\tclass=x><textarea><img src="c.png"></textarea>&nbsp;&copy;<br/>é — 日本 <IMG
  SRC = c.png
  ALT='x>y'   /><p>unclosed <b>bold <img src=c.png><img alt="none">
<noscript><img src='c.png'></noscript>{{ template }} <? php ?> <![CDATA[x]]> < a"""


def test_all_else_is_kept_byte_for_byte() -> None:
    got = rewritten(REST)
    images = ["<IMG\n  SRC = c.png\n  ALT='x>y'   />", "<img src=c.png>", "<img src='c.png'>"]
    rest = REST
    for image in images:
        before, after = rest.split(image, 1)
        start, end = got.index("<picture>"), got.index("</picture>") + len("</picture>")
        assert got[:start].endswith(before[-5:])
        got = got[:start] + image + got[end:]
        rest = before + image + after
    assert got.replace(STYLE, "") == REST
    assert f"{STYLE}</head >" in got


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_bytes_of_any_encoding_come_back(encoding: str) -> None:
    data = '<p>é “x”</p><img src="c.png" alt="Ä">'.encode(encoding, "ignore")
    page = Page.read("index.html", data)
    shown, _ = page.pictures(FILES)
    got = page.rewritten({image: record() for image in shown}, Showing())
    assert got.startswith(data[: data.index(b"<img")])
    assert 'alt="Ä"'.encode(encoding.removesuffix("-sig")) in got


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<img src="https://example.org/c.png">', ELSEWHERE),
        ('<img src="//example.org/c.png">', ELSEWHERE),
        ('<img src="data:image/png;base64,AA">', ELSEWHERE),
        ("<img>", ELSEWHERE),
        ('<img src="d.png">', MISSING),
        ('<img src="../c.png">', MISSING),
        ('<img src="c.png" srcset="c.png 2x">', CHOSEN),
        ('<picture><source srcset="x.avif"><img src="c.png"></picture>', CHOSEN),
        ('<base href="/x/"><img src="c.png">', BASE),
    ],
)
def test_what_is_left_alone_and_why(html: str, reason: str) -> None:
    page = Page.read("index.html", html.encode())
    shown, left = page.pictures(FILES)
    assert (shown, dict(left)) == ({}, {reason: 1})
    assert page.rewritten({}, Showing(script="sdz.js")) == html.encode()


def test_with_the_script_the_sdz_is_the_image_and_others_are_for_those_without_scripts() -> None:
    html = b'<head></head><body><img src="c.png" class=x>'
    page = Page.read("index.html", html)
    shown, _ = page.pictures(FILES)
    showing = Showing(script="/js/sdz.js?a&b")
    got = page.rewritten({image: record() for image in shown}, showing).decode()
    script = '<script type="module" async src="/js/sdz.js?a&amp;b"></script>'
    assert got.startswith(f"<head>{script}{STYLE}{UNSCRIPTED}</head><body><img src=")
    assert got.endswith("></picture></noscript>")
    assert "> <" not in got.partition("<body>")[2]
    ours, noscript, picture, avif, plain = Elements(got.partition("<body>")[2]).found
    assert (noscript[0], picture[0], avif[1]["type"]) == ("noscript", "picture", "image/avif")
    assert (ours[1]["src"], ours[1]["data-fallback"]) == ("a%20b.sdz", "a%20b.jpg")
    assert ours[1]["srcset"] == "a%20b-480.sdz 480w, a%20b.sdz 1000w"
    assert plain[1]["src"] == "a%20b.jpg"
    assert ours[1]["class"] == plain[1]["class"] == "x"
    assert "x-sdz" not in got
