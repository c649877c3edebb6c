"""What an edition of lite-1 says beside its network: steps, gains, statistics, the linear preview.

One file in the package, ``lite-1.safetensors``, holds everything that a training has found: the
network in integers, the steps and gains of its quantiser, the statistics of its latents, what a
squared error is worth in each channel, and the linear preview.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdz.entropy.trained import Statistics
from sdz.errors import BadModel, BadStatistics
from sdz.models.editions import WEIGHTS
from sdz.network.steps import CODES_PER_RATE, FINEST_CODE, steps
from sdz.network.tensors import read_metadata, read_tensors

FACTOR = 16

_COARSER_RATES = 2.0  # how far quality 1 and quality 100 reach beyond the trained rates
_FINER_RATES = 3.0

LOG_RATIO = math.log(100) / 14
"""Logarithm of the step's ratio from one rate to the next: lambda spans 100 over 7 intervals, and
the step goes with its root. Beyond the trained rates the gains go on by just this."""

_TABLES = (
    "encode_gain",
    "decoder.steps",
    "decoder.contexts",
    "latent_unit",
    "rd_weight",
    "preview",
)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LiteQuantiser:
    """What was learnt, between and beyond the trained rates; see ``codec.autoencoder.Quantiser``.

    ``encode_gain`` [R, C]: logarithms of the factors before rounding, from the coarsest trained
    rate to the finest. ``table`` [R, C], ``unit`` [C]: those after it, in the integers of
    ``network.steps``, and what such a step is worth. ``rd_weight`` [R, C]: bits a squared error of
    one step is worth. Between rates all are interpolated; beyond them the gains go on by
    ``LOG_RATIO`` a rate for all channels and the weights stay.
    """

    encode_gain: Floats
    table: NDArray[np.int32]
    unit: Floats
    rd_weight: Floats
    statistics: Statistics | None = None
    trellis: bool = False  # the decoder was trained on plain rounding, and loses by anything else

    @property
    def channels(self) -> int:
        """Number of latent channels."""
        return int(self.encode_gain.shape[1])

    def scales(self, code: int) -> Floats:
        """What latents are multiplied by before rounding: [C] float32."""
        position = self.position(code)
        beyond = position - min(max(position, 0.0), len(self.encode_gain) - 1.0)
        gain = _between(self.encode_gain, position) + np.float32(beyond * LOG_RATIO)
        return np.asarray(np.exp(gain), np.float32)

    def steps(self, code: int) -> Floats:
        """What integers are multiplied by: [C] float32."""
        return np.asarray(steps(self.table, code) * self.unit, np.float32)

    def rd_weights(self, code: int) -> Floats:
        """Bits that a squared error of one step is worth: [C] float32."""
        return np.asarray(_between(self.rd_weight, self.position(code)), np.float32)

    def code_for_quality(self, quality: float) -> int:
        """Step code of a quality from 1 to 100, equal distances for equal ratios of the step."""
        share = (min(max(quality, 1.0), 100.0) - 1) / 99
        last = len(self.encode_gain) - 1
        position = -_COARSER_RATES + share * (last + _COARSER_RATES + _FINER_RATES)
        return round(FINEST_CODE + (last - position) * CODES_PER_RATE)

    def position(self, code: int) -> float:
        """Where a code lies among the rates: 0 the coarsest trained one, R - 1 the finest."""
        last = len(self.encode_gain) - 1
        return last - (code - FINEST_CODE) / CODES_PER_RATE


@dataclass(frozen=True)
class LiteTables:
    """What reading and previewing need: the quantiser and the preview map [C + 1, 12].

    ``lambdas``: what 1/255 squared of error was worth in bits at each trained rate.
    """

    quantiser: LiteQuantiser
    preview: Floats
    edition: str
    lambdas: tuple[float, ...]


@cache
def tables(path: Path = WEIGHTS) -> LiteTables:
    """The tables of an edition's file. Raises BadModel where they are not whole."""
    try:
        found = read_tensors(path, _TABLES)
        metadata = read_metadata(path)
        held = found.get("decoder.contexts")
        quantiser = LiteQuantiser(
            encode_gain=found["encode_gain"],
            table=found["decoder.steps"],
            unit=found["latent_unit"],
            rd_weight=found["rd_weight"],
            statistics=None if held is None else Statistics.from_bytes(held.tobytes()),
        )
        lambdas = tuple(json.loads(metadata["lambdas"]))
        edition = metadata.get("edition", "unnamed")
        return LiteTables(quantiser, found["preview"], edition, lambdas)
    except (KeyError, ValueError, BadStatistics) as error:
        raise BadModel(str(path), f"the built-in weights cannot be read ({error})") from error


def _between(table: Floats, position: float) -> Floats:
    """A row of ``table`` [R, C], interpolated at ``position`` and held at both ends."""
    at = min(max(position, 0.0), len(table) - 1.0)
    low = min(int(at), max(len(table) - 2, 0))
    share = np.float32(at - low)
    return np.asarray(table[low] * (1 - share) + table[min(low + 1, len(table) - 1)] * share)
