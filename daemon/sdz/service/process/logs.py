"""The daemon's log: a line of JSON for each entry, or a line of text for a terminal.

An entry's facts come as ``extra={"fields": {...}}``. No token, no code and nothing of a picture
is ever among them.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from sdz.printable import printable, printable_lines, without_secrets


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry as JSON."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return without_secrets(printable(json.dumps(entry, default=str)))


class TextLines(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry as a line of text."""
        fields = getattr(record, "fields", {})
        facts = "  ".join(
            f"{key}={printable(str(value))}" for key, value in fields.items() if value is not None
        )
        stamp = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        said = printable(record.getMessage())
        line = f"{stamp} {record.levelname.lower():<7} {said}  {facts}".rstrip()
        if record.exc_info:
            line += "\n" + printable_lines(self.formatException(record.exc_info))
        return without_secrets(line)


def set_up_logs(level: str, form: str, stream: TextIO | None = None) -> None:
    """Log to ``stream`` (None: standard error). form: json, text, or auto, which is text on a
    terminal."""
    stream = stream or sys.stderr
    text = form == "text" or (form == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextLines() if text else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)
