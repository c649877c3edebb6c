"""``sdz doctor``: looks at everything once; changes nothing, sends nothing anywhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.commands.doctor import around, machine
from sdz.commands.doctor.finding import Finding
from sdz.commands.waiting import at_work
from sdz.printable import printable

_LOOKS: tuple[Callable[[], Iterable[Finding]], ...] = (
    machine.program,
    machine.libraries,
    machine.runtime,
    machine.formats,
    machine.models,
    machine.places,
    around.daemon,
    around.system,
)
_MARKS = {"works": "ok", "missing": "-", "broken": "!!"}


def run(args: argparse.Namespace) -> int:
    """Print what was found as it is found; exit code 1 where something is broken."""
    count = {"works": 0, "missing": 0, "broken": 0}
    for finding in found():
        _tell(finding, as_json=args.json)
        count[finding.state] += 1
    if not args.json:
        say(_summary(count["broken"], count["missing"]), sys.stdout)
    return SOME_FAILED if count["broken"] else DONE


def _tell(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(asdict(finding)), sys.stdout)
    else:
        say_block(line(finding), sys.stdout)


def found() -> Iterator[Finding]:
    """All findings, one after the other."""
    for look in _LOOKS:
        with at_work(look.__name__):
            findings = list(look())
        yield from findings


def line(finding: Finding) -> str:
    """One or two lines for a person."""
    said = f"{_MARKS[finding.state]:<3}{finding.about:<19}{printable(finding.says)}"
    return f"{said}\n{'':<22}-> {printable(finding.todo)}" if finding.todo else said


def _summary(broken: int, lacking: int) -> str:
    if broken:
        return f"{broken} broken (!!); what to do stands below each"
    if lacking:
        return "Everything that is needed works; what is marked - is not there and may be had"
    return "Everything works"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz doctor``."""
    parser.add_argument("--json", action="store_true", help="one JSON object a finding")
