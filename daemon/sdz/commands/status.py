"""``sdz status``: whether the daemon runs, where, and how it is doing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from sdz.client import Client
from sdz.commands.console import DONE, SOME_FAILED, say, say_block
from sdz.errors import DaemonError
from sdz.printable import printable_values


def run(args: argparse.Namespace) -> int:
    """Print the daemon's state; exit code 1 where none is running."""
    try:
        with Client.find() as client:
            state = {**client.status(), "watches": client.watches()}
    except DaemonError as error:
        if args.json:
            say(
                json.dumps({"running": False, "error": error.code, "reason": str(error)}),
                sys.stdout,
            )
        else:
            say(str(error), sys.stdout)
        return SOME_FAILED
    if args.json:
        say(json.dumps({"running": True, **state}), sys.stdout)
    else:
        say_block(show(printable_values(state)), sys.stdout)
    return DONE


def show(state: dict[str, Any]) -> str:
    """A few lines for a person."""
    engine, cache = state["engine"], state["cache"]
    device = f" on {engine['device']}" if engine["device"] else ""
    queued, running = sum(engine["queued"].values()), sum(engine["running"].values())
    lines = [
        f"running at {state['url']} (version {state['version']}, process {state['pid']}, "
        f"for {_span(state['uptime_s'])})",
        f"  engine   {engine['state']}{device}, {engine['resident_bytes'] / 2**20:,.0f} MiB; "
        f"{running} running, {queued} waiting",
    ]
    for model in engine["models"]:
        ends = f"goes in {_span(model['expires_s'])}" if model["expires_s"] is not None else "stays"
        lines.append(f"  model    {model['name']} on {model['device']}, {ends}")
    lines.append(
        f"  cache    {cache['pictures']} pictures, {cache['bytes'] / 2**20:,.1f} of "
        f"{cache['limit'] / 2**20:,.0f} MiB"
    )
    lines.append(f"  clients  {state['clients']}" + (", pairing" if state["pairing_open"] else ""))
    for watch in state["watches"]:
        lines.append(f"  folder   {watch['root']}, {watch['state']}: {watch_counts(watch)}")
        if pace := pace_words(watch):
            lines.append(f"           {pace}")
        if watch["reason"]:
            lines.append(f"           {watch['reason']}")
        if watch.get("hindrance"):
            lines.append(f"           {watch['hindrance']}")
    return "\n".join(lines)


def watch_counts(row: Mapping[str, Any]) -> str:
    """How far a watched folder is: how many files are in which state, and what was saved."""
    oldest = f" (oldest {row['oldest_waiting_s']:.0f} s)" if row["waiting"] else ""
    words = [
        f"{row['waiting']} waiting{oldest}",
        f"{row['running']} running",
        f"{row['done']} done",
    ]
    for count, word in ((row["refused"], "left alone"), (row["failed"] + row["bad"], "failed")):
        if count:
            words.append(f"{count} {word}")
    if row["undone"]:
        words.append(f"{row['undone']} brought back")
    if row.get("not_trashed"):
        words.append(f"{row['not_trashed']} not taken by the trash")
    return f"{', '.join(words)}; {row['saved_bytes'] / 1e6:,.1f} MB saved"


def pace_words(row: Mapping[str, Any]) -> str:
    """How fast a watched folder is worked off, and what is in work; nothing where all is done."""
    if row.get("percent") is None:
        return ""
    words = [f"{row['percent']:.0f} %"]
    if row["per_minute"]:
        words.append(f"{row['per_minute']:g} pictures a minute")
    if row["left_s"] is not None:
        words.append(f"about {_span(row['left_s'])} left")
    if row["in_work"]:
        stages = row.get("stages", {})  # none of a daemon of before
        named = [f"{name} ({stages[name]})" if name in stages else name for name in row["in_work"]]
        words.append(f"in work: {', '.join(named)}")
    return ", ".join(words)


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz status``."""
    parser.add_argument("--json", action="store_true", help="one JSON object")
