"""How long sdz takes: decoding by its parts and beside its peers, and what is started cold."""

from __future__ import annotations

import sys
from statistics import median

from benchmarks import cold
from benchmarks.codecs import Codec, avif, check
from benchmarks.parts import PARTS, Taken, take
from benchmarks.pictures import Picture
from benchmarks.timing import machine, over
from sdz.wish import PRESETS

PEERS = ("AVIF", "WebP", "JPEG")


def run(codecs: list[Codec], pictures: list[Picture], rounds: int) -> None:
    """Print all of it, with the machine's load before and after."""
    own = _own(codecs)
    found = {codec.name: codec for codec in codecs if codec.name in PEERS}
    peers = [avif(speed=6) if name == "AVIF" else found[name] for name in PEERS if name in found]
    model = own.name.removeprefix("sdz ")
    print(machine())
    print(
        f"milliseconds by the clock (by the processors): medians over {len(pictures)} pictures of"
        f"\nthe least of {rounds} rounds; decode() over a peer's decoding: medians of the ratios"
    )
    for codec in [own, *peers]:  # what a first call loads is no one's time
        check(pictures[0].image, codec, codec.curve[4])
    print(f"{'':10}{'bytes':>8}" + "".join(f"{part:>16}" for part in PARTS))
    beside = []
    for preset in PRESETS:
        taken = []
        for number, picture in enumerate(pictures, 1):
            print(f"\r{preset}: {number} of {len(pictures)}", end="", file=sys.stderr, flush=True)
            taken.append(take(model, preset, peers, picture, rounds))
        print("\r" + " " * 40, end="\r", file=sys.stderr, flush=True)
        print(f"{preset:10}{median(t.size for t in taken):8.0f}" + "".join(_cells(taken)))
        beside += [f"{preset:10}" + "".join(_beside(taken, peer.name) for peer in peers)]
    print("\ndecode() relative to a peer's of about the same bytes: clock (processors), its bytes")
    print(f"{'':10}" + "".join(f"{peer.name:>28}" for peer in peers))
    print("\n".join(beside))
    cold.commands(pictures[0], model)
    cold.large(pictures, model)
    cold.resting(pictures[0], model)
    print(f"\n{machine()}")


def _own(codecs: list[Codec]) -> Codec:
    """sdz itself, without which its parts cannot be timed."""
    for codec in codecs:
        if codec.own:
            return codec
    sys.exit("speed measures sdz before all, and it is not there")


def _cells(taken: list[Taken]) -> list[str]:
    return [f"{over([t.spent[part] for t in taken], median).ms:>16}" for part in PARTS]


def _beside(taken: list[Taken], peer: str) -> str:
    """How many times as long sdz takes, and the share of sdz's bytes that the peer's file has."""
    clock, processors, size = (
        median(values)
        for values in zip(
            *(
                (
                    t.spent["decode()"].clock / t.spent[peer].clock,
                    t.spent["decode()"].processors / t.spent[peer].processors,
                    t.peer_sizes[peer] / t.size,
                )
                for t in taken
            ),
            strict=True,
        )
    )
    return f"{f'{clock:.1f} ({processors:.1f}), {size:.2f} of bytes':>28}"
