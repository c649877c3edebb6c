"""Latents as floats <-> the integers of a file and their coded groups.

Quantising, the reconstruction, the cutting into groups that are coded apart (in threads: the
coder lets go of the interpreter), and the checksums that hold a decoder to the encoder's
integers. No torch: the weightless preview comes through here too.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sdz.codec.autoencoder import Quantiser
from sdz.codec.coder import Floats, Values, coder_of
from sdz.container import Header, Stream
from sdz.entropy.allowance import LEAST_BYTES, allowed, allowing
from sdz.errors import BadSymbols
from sdz.processors import threads_here
from sdz.stopping import Stop, heeded, heeding

Group = tuple[int, int, int, int]  # top, left, height, width, in latents
Item = TypeVar("Item")
Result = TypeVar("Result")

GROUP_PIXELS = 1536  # a side of a group: a few dozen kilobytes, so that relearning costs < 1 %
LONG_STREAM = 20_000  # bytes; decoded at 2.2 us a byte (768x512 on lite-1, one core of two)
MANY_VALUES = 1 << 26  # 256 MiB of them
STEPS_PER_OCTAVE = 16.0  # of ``Header.channel_steps``


@dataclass(frozen=True, slots=True)
class Coded:
    """Latents at one step code: what a reader will have, in steps, and what is written."""

    code: int
    values: Values
    streams: tuple[Stream, ...]
    group: int | None

    @property
    def size(self) -> int:
        """Bytes of all streams together."""
        return sum(len(stream.data) for stream in self.streams)


def group_for(factor: int, height: int, width: int) -> int | None:
    """Side of the groups, in latents, of a picture of height x width latents; None for one."""
    side = GROUP_PIXELS // factor
    return side if height * width > 1.5 * side * side else None


def split_group(coded: Coded, header: Header) -> int | None:
    """Side of the groups that latents just coded as one stream should rather have, or None.

    A long stream is split in four, so that a reader's processors can share it: 65 kB took 142 ms
    in one group and 77 ms in four. It costs 1.6 % of such a stream, and 3.5 % of one of 17 kB,
    which is why short ones stay whole. The trained coder needs a tenth of the time: its stay whole.
    """
    _, h, w = header.latent_shape
    if header.trained or header.group is not None or coded.size <= LONG_STREAM or max(h, w) < 2:
        return None
    return -(-max(h, w) // 2)


def code_latents(
    latents: Floats,
    quantiser: Quantiser,
    code: int,
    header: Header,
    leniency: float = 1.0,
    threads: int | None = None,
) -> Coded:
    """Quantise latents [C, h, w] at step ``code`` and code them in the header's groups.

    Every rounding is decided by rate and distortion together, with the coder's own costs;
    ``leniency`` times the quantiser's weights is what an error counts for.
    """
    scaled = latents * scale_of(quantiser, code, header)[:, None, None]
    weights = quantiser.rd_weights(code) * np.float32(leniency)
    coder = coder_of(replace(header, step=code), quantiser)

    def one(group: Group) -> tuple[Values, Stream]:
        top, left, rows, columns = group
        part = np.ascontiguousarray(scaled[:, top : top + rows, left : left + columns])
        check, values, data = coder.encode(part, weights)
        return values, Stream(check, data)

    groups = list(header.groups())
    values = blank(latents.shape, header)
    streams = []
    for group, (part, stream) in zip(groups, _in_threads(one, groups, threads), strict=True):
        top, left, rows, columns = group
        values[:, top : top + rows, left : left + columns] = part
        streams.append(stream)
    return Coded(code, values, tuple(streams), header.group)


def decode_latents(
    header: Header,
    streams: tuple[Stream, ...],
    quantiser: Quantiser,
    threads: int | None = None,
    channels: int | None = None,
) -> Values:
    """The values [C, h, w] of a file, in steps: its integers, or where a placed file puts them.

    ``channels``: decode only the first so many, the others are 0: for a glance at the picture. The
    checksum, which is of all integers, is not looked at then.

    Where few bytes promise many values, all are decoded once for their checksums alone before there
    is memory for any. A file whose last group is wrong would take 1 GB otherwise.

    Raises BadSymbols where the integers fail their checksum, BadField for what the model lacks,
    TooMuchWork.
    """
    count = min(header.model.channels, channels or header.model.channels)
    whole = count == header.model.channels
    coder = coder_of(header, quantiser)
    groups = list(header.groups())
    values: Values | None = None
    if not whole or len(groups) > 1:
        values = blank(header.latent_shape, header)

    def require(found: int, group: Group, stream: Stream) -> None:
        if found != stream.check:
            top, left, _, _ = group
            name = "the latents" if len(groups) == 1 else f"the latents at {top},{left}"
            raise BadSymbols(name, stream.check, found)

    def look_through(item: tuple[Group, Stream]) -> None:
        group, stream = item
        require(coder.check(stream.data, (count, *group[2:])), group, stream)

    def one(item: tuple[Group, Stream]) -> Values | None:
        group, stream = item
        top, left, rows, columns = group
        found, part = coder.decode(stream.data, (count, rows, columns), whole=whole)
        if whole:
            require(found, group, stream)
        if values is None:
            return part
        values[:count, top : top + rows, left : left + columns] = part
        return None

    allowance = allowed()
    if whole and allowance is not None and _promises_much(header, allowance.stored):
        _in_threads(look_through, list(zip(groups, streams, strict=True)), threads)
        allowance = None  # what it takes is known now, and has been taken
    with allowing(allowance):
        (first, *_) = _in_threads(one, list(zip(groups, streams, strict=True)), threads)
    if values is None:
        assert first is not None
        return first
    return values


def blank(shape: tuple[int, ...], header: Header) -> Values:
    """Values that are all 0, of the kind that a file has: the trained coder's have 16 bits."""
    return np.zeros(shape, np.int16) if header.trained else np.zeros(shape, np.float32)


def to_symbols(values: Values) -> NDArray[np.int16]:
    """Values that are integers as such of 16 bits; what is beyond them is limited to them."""
    if values.dtype == np.int16:
        return values.view(np.int16)
    return np.clip(values, -32768, 32767).astype(np.int16)


def reconstruct(values: Values, quantiser: Quantiser, header: Header) -> Floats:
    """Latents [C, h, w] float32 of values in steps, by the header's step code."""
    latents: Floats = values * steps_of(quantiser, header)[:, None, None]
    return latents


def steps_of(quantiser: Quantiser, header: Header) -> Floats:
    """What values in steps are multiplied by: [C] float32."""
    steps: Floats = quantiser.steps(header.step) * _offsets(header)
    return steps


def scale_of(quantiser: Quantiser, code: int, header: Header) -> Floats:
    """What latents are multiplied by before they are rounded: [C] float32."""
    scale: Floats = quantiser.scales(code) / _offsets(header)
    return scale


def _promises_much(header: Header, stored: int) -> bool:
    return prod(header.latent_shape) > MANY_VALUES and stored < LEAST_BYTES


def _offsets(header: Header) -> Floats:
    if header.channel_steps is None:
        return np.ones(header.model.channels, np.float32)
    octaves = np.array(header.channel_steps, np.float32) / np.float32(STEPS_PER_OCTAVE)
    return np.asarray(np.exp2(octaves), np.float32)


def _in_threads(
    work: Callable[[Item], Result], items: list[Item], threads: int | None
) -> list[Result]:
    """``work`` on each item, in order; on several processors where there are several items.

    In threads even where there is but one: Python hears of Ctrl-C while it waits for a thread, but
    not while it is in the kernel. Whatever ends the waiting stops the kernel as well.
    """
    count = min(len(items), threads or threads_here())
    given, own, allowance = heeded(), Stop(), allowed()

    def heedful(item: Item) -> Result:
        with heeding(given or own), allowing(allowance):
            return work(item)

    with ThreadPoolExecutor(count, thread_name_prefix="sdz-entropy") as pool:
        try:
            return list(pool.map(heedful, items))
        except BaseException:
            own.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
