"""The header of a ``.sdz`` file as bytes, and which values its fields may hold.

    payload of chunk H
    1    version            1
    1    flags              bit 0 ALPHA, 1 REPORT, 2 TILED, 3 GROUPED, 4 CHANNEL_STEPS,
                            5 PLACED, 6 TRAINED; 7 reserved, zero
    v    width, v height    pixels, 1 to 65535 each
    1    model              number in `WELL_KNOWN`, or 0 and then
                            1 length, name (1 to 32 of a-z 0-9 . _ -), v channels, 1 factor
    8    weights            first 8 bytes of the SHA-256 of the decoder's weights
    2    step               code of the quantiser step
    6    if REPORT          i16 score, i16 worst score of a tile, u16 PSNR; hundredths
    v v  if TILED           view tile and overlap, latent units
    v    if GROUPED         side of a coding group, latent units
    C    if CHANNEL_STEPS   i8 per channel, added to the step code

The numbers on the left are bytes, v a varint. ``docs/format.md`` is normative. What a field is
worth is checked by one function for reading and for writing, so that nothing can be written
that would be refused.
"""

from __future__ import annotations

import struct
from typing import Final

from sdz.container.cursor import Cursor, varint
from sdz.container.fields import (
    FACTORS,
    MAX_CHANNELS,
    MODEL_NAME_RULE,
    WELL_KNOWN,
    Header,
    Limits,
    Model,
    Report,
    Tiling,
    is_model_name,
)
from sdz.errors import (
    BadField,
    LimitExceeded,
    TrailingData,
    UnsupportedFeature,
    UnsupportedVersion,
)

VERSION: Final = 1
ALPHA, REPORT, TILED, GROUPED, CHANNEL_STEPS, PLACED, TRAINED = (1 << bit for bit in range(7))
MAX_SIDE: Final = 65535
WEIGHTS_BYTES: Final = 8
_REPORT: Final = struct.Struct("<hhH")


def read(payload: Cursor, limits: Limits) -> Header:
    """The header in the payload of chunk H, which it must fill.

    Raises `UnsupportedVersion`, `UnsupportedFeature`, `BadField`, `LimitExceeded`, `Truncated`,
    `TrailingData`.
    """
    version = payload.number(1, "format version")
    if version > VERSION:
        raise UnsupportedVersion(version, VERSION)
    if version < VERSION:
        raise BadField("format version", str(VERSION), version)
    flags = payload.number(1, "header flags")
    if flags >> 7:
        raise UnsupportedFeature("header flag 7")
    width, height = payload.varint("width"), payload.varint("height")
    model = _read_model(payload)
    weights = bytes(payload.take(WEIGHTS_BYTES, "weights hash"))
    step = payload.number(2, "step")
    report = tiling = group = channel_steps = None
    if flags & REPORT:
        score, worst, psnr = _REPORT.unpack(payload.take(_REPORT.size, "report"))
        report = Report(score / 100, worst / 100, psnr / 100)
    if flags & TILED:
        tiling = Tiling(payload.varint("view tile"), payload.varint("tile overlap"))
    if flags & GROUPED:
        group = payload.varint("group side")
    if flags & CHANNEL_STEPS:
        offsets = payload.take(model.channels, "channel steps")
        channel_steps = tuple(offsets.cast("b"))
    if payload.left:
        raise TrailingData("the header", payload.left)
    header = Header(
        width=width,
        height=height,
        model=model,
        weights=weights,
        step=step,
        alpha=bool(flags & ALPHA),
        report=report,
        tiling=tiling,
        group=group,
        channel_steps=channel_steps,
        placed=bool(flags & PLACED),
        trained=bool(flags & TRAINED),
    )
    check(header, limits)
    return header


def write(header: Header, limits: Limits) -> bytes:
    """The payload of chunk H, a report as it can be `held`; raises what `check` raises."""
    check(header, limits)
    flags = ALPHA * header.alpha | PLACED * header.placed | TRAINED * header.trained
    tail = b""
    if header.report is not None:
        flags |= REPORT
        report = header.report.held()
        hundredths = (round(value * 100) for value in (report.score, report.worst, report.psnr))
        tail += _REPORT.pack(*hundredths)
    if header.tiling is not None:
        flags |= TILED
        tail += varint(header.tiling.tile, "view tile")
        tail += varint(header.tiling.overlap, "tile overlap")
    if header.group is not None:
        flags |= GROUPED
        tail += varint(header.group, "group side")
    if header.channel_steps is not None:
        flags |= CHANNEL_STEPS
        tail += struct.pack(f"{len(header.channel_steps)}b", *header.channel_steps)
    return b"".join(
        (
            bytes((VERSION, flags)),
            varint(header.width, "width"),
            varint(header.height, "height"),
            _model_bytes(header.model),
            header.weights,
            header.step.to_bytes(2, "little"),
            tail,
        )
    )


def check(header: Header, limits: Limits) -> None:
    """Raise `BadField` or `LimitExceeded` if a field holds what it may not."""
    _within("width", header.width, 1, MAX_SIDE)
    _within("height", header.height, 1, MAX_SIDE)
    _check_model(header.model)
    if len(header.weights) != WEIGHTS_BYTES:
        raise BadField("weights hash", f"{WEIGHTS_BYTES} bytes", header.weights.hex())
    _within("step", header.step, 0, 0xFFFF)
    if header.trained and header.placed:
        raise BadField("header flags", "PLACED or TRAINED, not both", "both")
    if header.tiling is not None:
        _within("view tile", header.tiling.tile, 1, MAX_SIDE)
        _within("tile overlap", header.tiling.overlap, 0, (header.tiling.tile - 1) // 2)
    if header.group is not None:
        _within("group side", header.group, 1, MAX_SIDE)
    if header.channel_steps is not None:
        if len(header.channel_steps) != header.model.channels:
            expected = f"{header.model.channels} of them"
            raise BadField("channel steps", expected, len(header.channel_steps))
        for offset in header.channel_steps:
            _within("channel step", offset, -128, 127)
    channels, h, w = header.latent_shape
    for what, limit, found in (
        ("number of pixels", limits.pixels, header.width * header.height),
        ("number of latent symbols", limits.symbols, channels * h * w),
        ("number of groups", limits.groups, header.group_count),
    ):
        if found > limit:
            raise LimitExceeded(what, limit, found)


def _read_model(payload: Cursor) -> Model:
    number = payload.number(1, "model number")
    if number > len(WELL_KNOWN):
        raise UnsupportedFeature(f"model number {number}")
    if number:
        return WELL_KNOWN[number - 1]
    length = payload.number(1, "model name")
    name = str(payload.take(length, "model name"), "latin-1")
    model = Model(0, name, payload.varint("model channels"), payload.number(1, "model factor"))
    _check_model(model)
    return model


def _model_bytes(model: Model) -> bytes:
    if model.number:
        return bytes((model.number,))
    name = model.name.encode("ascii")
    channels = varint(model.channels, "model channels")
    return bytes((0, len(name))) + name + channels + bytes((model.factor,))


def _check_model(model: Model) -> None:
    if model.number:
        if model not in WELL_KNOWN:
            raise BadField("model", "a well-known one, or number 0", model)
        return
    if not is_model_name(model.name):
        raise BadField("model name", MODEL_NAME_RULE, repr(model.name))
    _within("model channels", model.channels, 1, MAX_CHANNELS)
    if model.factor not in FACTORS:
        raise BadField("model factor", "one of 1 2 4 8 16 32 64", model.factor)


def _within(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadField(field, f"{low} to {high}", value)
