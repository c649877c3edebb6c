"""The program ``sdz``, also as ``python -m sdz``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line, which takes Ctrl-C for what it is also while it is being loaded."""
    try:
        from sdz.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("sdz: stopped\n")
        return 130
    return run()


if __name__ == "__main__":
    raise SystemExit(main())
