"""A process that fetches one model and says on its output how far it is, a line of JSON each.

``{"done": bytes, "total": bytes}`` at most five times a second; on failure, last, ``{"error":
code, "detail": text}`` and exit code 1. Ends when nobody reads its output any more.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from sdz.errors import SdzError

PAUSE_S = 0.2


def main(name: str) -> int:
    """Fetch; the exit code."""
    from sdz import models

    told = -PAUSE_S

    def report(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= PAUSE_S or done == total:
            told = now
            _say({"done": done, "total": total})

    try:
        models.pull(name, report)
    except BrokenPipeError:  # the daemon is gone
        return 1
    except SdzError as error:
        _say({"error": error.code, "detail": str(error)})
        return 1
    return 0


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
