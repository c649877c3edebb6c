"""Under which conditions a job's model runs: stopped when nobody wants it, heard of, in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sdz.codec.autoencoder import Autoencoder, Tiled
from sdz.engine.devices import Precision
from sdz.engine.guarded import Guarded, GuardedWhole, guard
from sdz.engine.ladder import Setting
from sdz.engine.server import Server
from sdz.errors import JobCancelled
from sdz.progress import Progress
from sdz.stopping import Stop, heeding


class Conditions:
    """Those of one process. exact: by name, which of the models seen are the same in any tiles."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._precision = Precision()
        self._turn = threading.RLock()  # of who uses the device, or torch
        self.exact: dict[str, bool] = {}

    def guard(
        self, model: Autoencoder, numbers: Sequence[int], setting: Setting, total: int | None
    ) -> Guarded | GuardedWhole:
        """``model`` for the orders ``numbers``. total: how often it will be run, where it counts.

        It raises JobCancelled once none of them is wanted any more.
        """
        self.exact[model.name] = isinstance(model, Tiled) and model.halo is not None
        done = 0

        def checkpoint() -> None:
            if all(self._server.is_cancelled(number) for number in numbers):
                raise JobCancelled

        def advanced() -> None:
            nonlocal done
            done += 1
            if len(numbers) == 1 and total is not None and total > 1:
                at = Progress("decoding", min(done / total, 1), 0, done, total)
                self._server.progress(numbers[0], at)

        with self._turn:
            dtype = self._precision.of(model, setting.device)
        return guard(
            model,
            device=setting.device,
            dtype=dtype,
            checkpoint=checkpoint,
            advanced=advanced,
            turn=self._turn,
            shrink=setting.shrink,
        )

    @contextmanager
    def heeding(self, number: int) -> Iterator[None]:
        """What C does within the block ends, with Stopped, when that order is cancelled."""
        stop = Stop()
        with self._server.at_cancel(number, stop.set), heeding(stop):
            yield
