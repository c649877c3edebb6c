"""Making in this process: the model is loaded with the first picture."""

from __future__ import annotations

import sys
from threading import Lock
from typing import TYPE_CHECKING

from sdz.making.maker import Made
from sdz.processors import processors, sharing
from sdz.progress import part

if TYPE_CHECKING:
    from sdz.wish import Wish

_OPENED = 0.02  # of the time of a picture, for who waits


class Here:
    """at_once: pictures that will be made at the same time, each by a thread of the caller's."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._loading = Lock()
        self._ready = False

    def make(self, data: bytes, wish: Wish) -> Made:
        """See ``BlockingMaker``. Raises ImageError, EncodeError, ModelError."""
        from sdz.codec.pixels import open_picture
        from sdz.pictures import encode_picture

        with part("opening", 0, _OPENED):
            picture = open_picture(
                data,
                keep_metadata=wish.keep_metadata,
                keep_location=wish.keep_location,
                only=wish.only,
            )
        with part("loading the model", _OPENED, _OPENED):
            self._load(wish.model)
        with part("", _OPENED, 1), sharing(self._share):
            encoded = encode_picture(picture, wish)
        return Made(encoded.data, tuple(encoded.notes))

    def _load(self, model: str) -> None:
        """Load the model once, however many threads ask, and share the processors among them."""
        with self._loading:
            if self._ready:
                return
            from sdz.pictures import load_model

            load_model(model)
            if self._at_once > 1 and "torch" in sys.modules:
                sys.modules["torch"].set_num_threads(self._share())
            self._ready = True

    def _share(self) -> int:
        """Threads of each picture."""
        return max(1, processors() // self._at_once)
