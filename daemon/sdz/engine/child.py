"""The program of a child process: ``python -m sdz.engine.child CONFIG``.

Ends with its parent, whatever becomes of that: standard input closes, and on Linux the kernel
sees to it as well.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

from sdz.engine.limits import hold_memory, memory_limit
from sdz.engine.server import Server, Worker
from sdz.engine.settings import ChildConfig, LaneName
from sdz.errors import SdzError

MakeWorker = Callable[[ChildConfig, Server], Worker]

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h

# How much a lane's process yields to the others. Not 19: somebody waits for `sdz encode`, and
# beside other programs that keep every core busy 19 left it 1.5 % of one (a minute and more for a
# thumbnail). A step of 5 leaves it one part in four beside a busy sibling.
_NICER: Final[dict[LaneName, int]] = {"view": 0, "work": 5, "search": 10, "glance": 0}


def main(make_worker: MakeWorker | None = None) -> None:
    """Serve until standard input ends. ``make_worker``: another worker, for tests."""
    config = ChildConfig.from_argument(sys.argv[-1])
    die_with(config.parent)
    # Ctrl-C in a terminal reaches the whole group; when to end is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICER[config.lane])
    hold_memory(memory_limit(config.memory_limit_bytes))
    server = Server.on_standard_streams()
    server.listen()
    try:
        worker = (make_worker or _worker)(config, server)
    except SdzError as error:
        from sdz.engine.protocol import dump_error

        server.send({"type": "unable", "error": dump_error(error)})
        return
    server.serve(worker)


def _worker(config: ChildConfig, server: Server) -> Worker:
    if config.lane == "glance":
        from sdz.engine.glancing import Glancer

        return Glancer(server)
    from sdz.engine.worker import ModelWorker

    return ModelWorker(config, server)


def die_with(parent: int) -> None:
    """On Linux: be killed when the parent dies. Elsewhere the end of standard input must do."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was told
        os._exit(1)


if __name__ == "__main__":
    main()
