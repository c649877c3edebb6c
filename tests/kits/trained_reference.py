"""A second decoder, written from docs/trained-coder.md alone, in Python and NumPy with 64 bits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from trained_streams import Damaged, Ints, Stream, read_statistics

NEIGHBOURS = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, -2), (-2, -1), (-2, 1))
CROSS = ((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))
WINDOWS = ((0, 1), (1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64), (64, 192))


def clamp(a: int, low: int, high: int) -> int:
    return min(max(a, low), high)


def size(v: int | np.int64) -> int:
    a = min(abs(int(v)), 255) + 1
    e = a.bit_length() - 1
    return 32 * e + ((a << 5) >> e) - 32


SIZES = np.vectorize(size, otypes=[np.int64])


def unit(x: int) -> int:
    y = clamp(x >> 6, -32768, 32767)
    return max(y, y >> 3)


@dataclass
class Done:
    """What is known of a channel that is filled."""

    value: Ints
    f: Ints
    box: Ints
    pool: int


@dataclass
class Drift:
    t: dict[str, Ints]
    a: int = 0
    b: int = 0
    now: int = 0
    lean: int = 0
    tables: dict[str, Ints] = field(default_factory=dict)

    def see(self, table: str, level: int, phase: int, choice: int) -> None:
        rows, shifts = self.t[table], self.t["shifts"]
        if not 0 < level < len(rows) - 1 or len({*shifts[level - 1 : level + 2].tolist()}) > 1:
            return
        if table == "rows":
            rows = rows[:, phase]
        change = int(rows[level + 1][choice] - rows[level - 1][choice])
        score = min(64 * abs(change) // (2 * int(rows[level][choice])), 127)
        self.a += score if change >= 0 else -score
        self.b += score * score

    def update(self) -> None:
        top, bottom = self.a << 23, self.b + int(self.t["caution"])
        quotient = abs(top) // bottom * (1 if top >= 0 else -1)
        self.now = clamp(quotient, -(1 << 20), 1 << 20) + (self.lean << 17)

    def begin(self) -> None:
        memory = int(self.t["memory"])
        if self.b > memory:
            self.a = abs(self.a) * memory // self.b * (1 if self.a >= 0 else -1)
            self.b = memory
        self.update()


class Decoder:
    def __init__(
        self, data: bytes, shape: tuple[int, int, int], statistics: bytes, code: int
    ) -> None:
        self.t = read_statistics(statistics)
        self.c, self.h, self.w = shape
        self.code, self.stream = code, Stream(data)
        self.drift = Drift(self.t, lean=self.stream.lean)
        self.done: dict[int, Done] = {}
        self.filled: list[int] = []

    def knot(self, table: Ints) -> int:
        s = clamp(self.code - 4096, 0, 49152)
        k = min(s >> 13, 5)
        r = s - 8192 * k
        return (int(table[k]) * (8192 - r) + int(table[k + 1]) * r) >> 13

    def level(self, x: int) -> int:
        return clamp(x >> 17, 0, int(self.t["L"]) - 1)

    def run(self) -> NDArray[np.int16]:
        q = np.zeros((self.c, self.h, self.w), np.int64)
        for c in range(self.c):
            f = int(self.t["map"][sum(self.filled[max(0, c - 8) :])])
            self.filled.append(1 - self.stream.choice([f, 32768 - f]))
        for c in range(self.c):
            if not self.filled[c]:
                continue
            self.drift.begin()
            q[c] = self.causal(c) if c < self.t["N"] else self.plane(c)
            if q[c].min() < -32768 or q[c].max() > 32767:
                raise Damaged
            f = SIZES(q[c])
            p = np.pad(f, 1, mode="edge")
            box = sum(p[i : i + self.h, j : j + self.w] for i in range(3) for j in range(3))
            pool = int(f.sum()) * 16 // (self.h * self.w)
            self.done[c] = Done(np.clip(q[c], -255, 255), f, box * 57 >> 9, pool)
        self.stream.close()
        return q.astype(np.int16)

    def difference(self, frequencies: list[int], level: int, phase: int | None) -> int:
        if phase is not None:
            i = self.stream.choice(frequencies)
            self.drift.see("rows", level, phase, i)
            j = i - 16
            if abs(j) == 16:
                j += (1 if j > 0 else -1) * self.beyond()
        else:
            halves = [frequencies[0], *(f // 2 for f in frequencies[1:] for _ in (0, 1))]
            i = self.stream.choice(halves)
            j = (i + 1) // 2
            self.drift.see("plane_rows", level, 0, j)
            if j == 15:
                j += self.beyond()
            if i and i % 2 == 0:
                j = -j
        k = int(self.t["shifts"][level])
        return j * 2**k - 2 ** (k - 1) + self.stream.raw(k) if k else j

    def beyond(self) -> int:
        n = self.stream.raw(4)
        return 2**n - 1 + (self.stream.raw(n) if n else 0)

    def earlier(self, weights: Ints, c: int) -> Ints:
        """Sums [units, h, w] over filled channels before c of weights [c, units, 2]."""
        total = np.zeros((weights.shape[1], self.h, self.w), np.int64)
        for k, known in self.done.items():
            if k < c:
                total += weights[k, :, 0, None, None] * known.f
                total += weights[k, :, 1, None, None] * known.box
        return total

    def causal(self, c: int) -> Ints:
        t, h, w = self.t, self.h, self.w
        pairs = slice(c * (c - 1) // 2, c * (c + 1) // 2)
        near = [self.knot(row) for row in t["near"][c]]
        known = [(k, d) for k, d in self.done.items() if k < c]
        means = np.full((h, w), 128, np.int64)
        for k, d in known:
            p = np.pad(d.value, 1, mode="edge")
            for i, (dy, dx) in enumerate(CROSS):
                means += t["cross"][pairs][k, i] * p[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]
        sums = self.earlier(t["earlier"][pairs], c)
        share = 512 * sum(self.filled) // self.c
        for g in range(t["H"]):
            pools = sum(int(t["pools"][pairs][k, g]) * d.pool for k, d in known)
            sums[g] += self.knot(t["bias"][c, g]) + ((pools + int(t["share"][c, g]) * share) >> 4)
        rest = self.knot(t["rest"][c])
        q = np.zeros((h, w), np.int64)

        def value(y: int, x: int) -> int:
            if x < 0:
                y, x = y - 1, 0
            x = min(x, w - 1)
            return clamp(int(q[y, x]), -255, 255) if y >= 0 else 0

        for d in range(w + 2 * (h - 1)):
            for y in range(h):
                x = d - 2 * y
                if not 0 <= x < w:
                    continue
                v = [value(y + dy, x + dx) if y + dy >= 0 else 0 for dy, dx in NEIGHBOURS]
                mean = int(means[y, x]) + sum(a * b for a, b in zip(near, v, strict=True))
                mean = clamp(mean >> 8, -(1 << 18), 1 << 18)
                edges = [size(v[0] - v[2]), size(v[1] - v[2]), size(v[1] - v[3])]
                sizes = np.array([*map(size, v), *edges])
                total = rest + self.drift.now
                for g in range(t["H"]):
                    total += int(t["out"][c, g]) * unit(int(sums[g, y, x] + t["own"][c, g] @ sizes))
                level = self.level(total)
                centre = (mean + 8) >> 4
                phase = mean - 16 * centre
                r = self.difference(t["rows"][level, abs(phase)].tolist(), level, abs(phase))
                q[y, x] = centre - r if phase < 0 else centre + r
                if abs(int(q[y, x])) > 32768:
                    raise Damaged
            self.drift.update()
        return q

    def plane(self, c: int) -> Ints:
        t, h, w, n = self.t, self.h, self.w, c - int(self.t["N"])
        first = c * (c - 1) // 2 - int(self.t["N"] * (self.t["N"] - 1) // 2)
        sums = self.earlier(t["plane_earlier"][first : first + c], c)
        pools = [self.done[k].pool if k in self.done else 0 for k in range(c)]
        u = []
        for near, far in WINDOWS:
            part = pools[max(c - far, 0) : max(c - near, 0)]
            u.append(sum(part) // len(part) if part else 0)
        u.append(32 * sum(self.filled[c : c + 16]))
        for g in range(t["G"]):
            sums[g] += self.knot(t["plane_bias"][n, g]) + (
                int(t["windows"][n, g] @ np.array(u)) >> 4
            )
        q, f = np.zeros((h, w), np.int64), np.zeros((h, w), np.int64)
        for second in (0, 1):
            if second:
                self.drift.update()
                half = 16 * int(f.sum()) // ((h * w + 1) // 2)
                p = np.pad(f, 1)
                ring = p[1:-1, :-2] + p[1:-1, 2:] + p[:-2, 1:-1] + p[2:, 1:-1]
                for g in range(t["G"]):
                    sums[g] += t["later"][n, g] + (int(t["half"][n, g]) * half >> 4)
                    sums[g] += t["ring"][n, g] * ring
            rest = self.knot(t["plane_rest"][n]) + self.drift.now
            for y in range(h):
                for x in range((y + second) % 2, w, 2):
                    units = (
                        unit(int(s)) * int(o)
                        for s, o in zip(sums[:, y, x], t["plane_out"][n], strict=True)
                    )
                    level = self.level(rest + sum(units))
                    q[y, x] = self.difference(t["plane_rows"][level].tolist(), level, None)
            f = SIZES(q)
        return q


def decode(
    data: bytes, shape: tuple[int, int, int], statistics: bytes, code: int
) -> NDArray[np.int16]:
    return Decoder(data, shape, statistics, code).run()
