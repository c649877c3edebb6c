"""Packages of the extension: the same bytes every time, whole, and clean to the stores' linter."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

import build_extension
from extension_tree import ROOT, SOURCE, version

BROWSERS = ["chromium", "firefox"]
WEB_EXT = SOURCE / "node_modules" / ".bin" / "web-ext"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("dist")
    return {browser: build_extension.build(browser, out) for browser in BROWSERS}


def manifest_of(package: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as packed:
        return json.loads(packed.read("manifest.json"))


def lint(tree: Path) -> dict[str, Any]:
    assert WEB_EXT.exists(), "web-ext is missing; run: scripts/setup --browsers"
    command = [WEB_EXT, "lint", "--source-dir", tree, "--output", "json", "--no-config-discovery"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_same_bytes_every_time(browser: str, packages: dict[str, Path], tmp_path: Path) -> None:
    again = build_extension.build(browser, tmp_path / "elsewhere")
    assert again.name == packages[browser].name
    assert again.read_bytes() == packages[browser].read_bytes()


def test_a_changed_file_changes_the_package(packages: dict[str, Path], tmp_path: Path) -> None:
    tree = packages["firefox"].parent / "firefox"
    whole = build_extension.pack(tree, tmp_path / "a.xpi").read_bytes()
    copy = tmp_path / "tree"
    with zipfile.ZipFile(packages["firefox"]) as packed:
        packed.extractall(copy)
    assert build_extension.pack(copy, tmp_path / "b.xpi").read_bytes() == whole
    with (copy / "popup" / "popup.js").open("a") as file:
        file.write("\n")
    assert build_extension.pack(copy, tmp_path / "c.xpi").read_bytes() != whole


@pytest.mark.parametrize("browser", BROWSERS)
def test_entries_are_in_order_and_carry_no_time_of_the_build(
    browser: str, packages: dict[str, Path]
) -> None:
    with zipfile.ZipFile(packages[browser]) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        times = {entry.date_time for entry in packed.infolist()}
    assert names == sorted(names)
    assert times == {build_extension.EPOCH}


@pytest.mark.parametrize("browser", BROWSERS)
def test_only_what_runs_is_shipped(browser: str, packages: dict[str, Path]) -> None:
    with zipfile.ZipFile(packages[browser]) as packed:
        names = packed.namelist()
    endings = {Path(name).suffix for name in names}
    assert endings <= {".js", ".json", ".html", ".css", ".png", ".svg", ".wasm", ".weights"}
    assert packages[browser].stat().st_size <= 4_000_000
    assert not [n for n in names if re.search(r"test|node_modules|package|manifest\.base", n)]


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_version_is_the_projects(browser: str, packages: dict[str, Path]) -> None:
    assert manifest_of(packages[browser])["version"] == version()
    assert f"-{version()}." in packages[browser].name


@pytest.mark.parametrize("browser", BROWSERS)
def test_all_that_the_manifest_names_is_there(browser: str, packages: dict[str, Path]) -> None:
    text = json.dumps(manifest_of(packages[browser]))
    named = set(re.findall(r'"([\w./-]+\.(?:js|html|png|css|json))"', text))
    with zipfile.ZipFile(packages[browser]) as packed:
        names = set(packed.namelist())
    assert {"popup/popup.html", "options/options.html", "icons/icon-128.png"} <= named
    assert named <= names


def test_modules_and_pages_name_only_files_that_are_shipped(packages: dict[str, Path]) -> None:
    with zipfile.ZipFile(packages["firefox"]) as packed:
        names = set(packed.namelist())
        texts = {n: packed.read(n).decode() for n in names if n.endswith((".js", ".html"))}
    seen = 0
    for name, text in texts.items():
        named = re.findall(r'(?:from|src=|href=)\s*"([^"#]+)"', text)
        for target in named:
            assert _resolved(name, target) in names, f"{name} names {target}"
            seen += 1
    assert seen > 30


def _resolved(name: str, target: str) -> str:
    parts: list[str] = []
    for part in [*Path(name).parent.parts, *target.split("/")]:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


@pytest.mark.parametrize("page", ["viewer/viewer.html", "popup/popup.html", "options/options.html"])
def test_pages_have_no_script_or_style_of_their_own_and_nothing_from_elsewhere(page: str) -> None:
    text = (SOURCE / page).read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert not re.search(r"https?:|//", text)
    assert '<html lang="en">' in text


def test_web_ext_finds_nothing(packages: dict[str, Path]) -> None:
    found = lint(packages["firefox"].parent / "firefox")
    said = [(m["code"], m["message"], m.get("file")) for m in found["errors"] + found["warnings"]]
    assert said == []


def test_web_ext_would_find_something(packages: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(packages["firefox"]) as packed:
        packed.extractall(tmp_path)
    manifest = manifest_of(packages["firefox"]) | {"permissions": ["no-such-permission"]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with (tmp_path / "popup" / "popup.js").open("a") as file:
        file.write('\ndocument.body.innerHTML = location.hash;\neval("1");\n')
    codes = {message["code"] for message in lint(tmp_path)["warnings"]}
    assert "UNSAFE_VAR_ASSIGNMENT" in codes
    assert "DANGEROUS_EVAL" in codes


def test_the_command(tmp_path: Path) -> None:
    command = [ROOT / "scripts" / "build-extension", "chromium", "--out", tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"sdz-chromium-{version()}.zip" in run.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "chromium",
        f"sdz-chromium-{version()}.zip",
    ]


def test_a_browser_that_there_is_not(tmp_path: Path) -> None:
    command = [ROOT / "scripts" / "build-extension", "lynx", "--out", tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "lynx is neither chromium nor firefox" in run.stderr
    assert list(tmp_path.iterdir()) == []
