"""Room for pictures side by side: so many of them, and so many bytes of memory together.

One that needs more than there is gets it alone, and so does who asks to be ``alone`` after memory
has not sufficed beside others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sdz.engine.memory import is_out_of_memory
from sdz.processors import sharing

Made = TypeVar("Made")


class Room:
    """places: pictures at most. room_bytes: what they may need together, by their own estimate.

    ``enter``, and ``leave`` once for each; from any thread.
    """

    def __init__(self, places: int, room_bytes: int) -> None:
        self._places, self.room_bytes = places, room_bytes
        self._change = threading.Condition()
        self._inside = 0  # those that wait to be alone are not
        self._needed = 0
        self._wish_to_be_alone = 0
        self._alone = False

    @property
    def inside(self) -> int:
        """How many are at work now."""
        return self._inside

    @property
    def needed(self) -> int:
        """Bytes that all in it need, by their own estimate."""
        return self._needed

    def enter(self, need: int) -> None:
        """Wait until there is a place, and memory for ``need`` bytes or nobody else."""
        with self._change:
            self._change.wait_for(lambda: self._has_room(need))
            self._inside += 1
            self._needed += need

    def _has_room(self, need: int) -> bool:
        if self._wish_to_be_alone or self._inside >= self._places:
            return False
        return not self._inside or self._needed + need <= self.room_bytes

    def leave(self, need: int) -> None:
        """Who has entered with ``need`` goes."""
        with self._change:
            self._inside -= 1
            self._needed -= need
            self._change.notify_all()

    def wait_for_place(self) -> None:
        """Until one more may enter, if it needs little enough."""
        with self._change:
            self._change.wait_for(lambda: self._has_room(0))

    def wait_until_empty(self) -> None:
        """Until all have left."""
        with self._change:
            self._change.wait_for(lambda: not self._inside and not self._wish_to_be_alone)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within the block nobody else is in. For who is; nobody enters while it waits."""
        with self._change:
            self._wish_to_be_alone += 1
            self._inside -= 1
            self._change.notify_all()
            self._change.wait_for(lambda: not self._inside and not self._alone)
            self._alone = True
            self._inside += 1
        try:
            yield
        finally:
            with self._change:
                self._alone = False
                self._wish_to_be_alone -= 1
                self._change.notify_all()


class SideBySide:
    """Pieces of work in threads of their own, as many as there is room for.

    threads: what all of them together may use; each gets its share by ``processors``, and all of
    them when it is the only one.
    """

    def __init__(self, room: Room, threads: int) -> None:
        self.room, self._threads = room, threads
        self._mine = threading.local()

    def begin(self, need: int | None, work: Callable[[], object]) -> None:
        """Begin with ``work``, which raises nothing, as soon as there is room for ``need`` bytes;
        None: for all that it likes.

        Returns when one more could begin, so that who is asked next may still be another.
        """
        need = self.room.room_bytes if need is None else need
        self.room.enter(need)
        threading.Thread(target=self._do, args=(need, work), name="engine-encode").start()
        self.room.wait_for_place()

    def run(
        self, make: Callable[[int], Made], give_back: Callable[[], None], *, beside_others: bool
    ) -> Made:
        """What ``make`` gives beside others, or alone where memory does not suffice for that.

        make: is told how many bytes the others may need. give_back: returns what is not used.
        """
        if beside_others:
            try:
                return make(self.room.needed - self._mine.need)
            except Exception as error:
                if self.room.inside == 1 or not is_out_of_memory(error):
                    raise
            give_back()
        with self.room.alone():
            return make(0)

    def _do(self, need: int, work: Callable[[], object]) -> None:
        self._mine.need = need
        try:
            with sharing(self._share):
                work()
        finally:
            self.room.leave(need)

    def _share(self) -> int:
        return self._threads // max(1, self.room.inside)
