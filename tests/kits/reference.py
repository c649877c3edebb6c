"""A second decoder, written from docs/coder.md alone and as slow as it is plain.

What the kernel and this disagree on, one of them or the page has wrong.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEXT = {0: (0, 2), 1: (5, 7), 2: (1, 3), 3: (6, 4), 4: (2, 0), 5: (4, 6), 6: (3, 1), 7: (7, 5)}
NEAR = ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0))
CROSS = ((0, -1), (0, 1), (-1, 0), (1, 0))
FAR = ((-1, -2), (-1, 2), (-2, -1), (-2, 1))


def div(a: int, b: int) -> int:
    return abs(a) // b if a >= 0 else -(abs(a) // b)


def clamp(x: int, low: int, high: int) -> int:
    return min(max(x, low), high)


def inside(p: int) -> int:
    return clamp(p, 1, 65535)


def log2q(v: int) -> int:
    e = v.bit_length() - 1
    return 256 * e + ((v >> (e - 8)) if e >= 8 else (v << (8 - e))) - 256


def rate(n: int) -> int:
    return 2**20 // (16 * min(n, 170) + 26)


def trust(n: int) -> int:
    return 256 * (16 * min(n, 170) + 5) // (16 * min(n, 170) + 25)


def _tables() -> tuple[dict[int, int], list[int]]:
    squashed, m, s = {}, 2**31, 0
    for x in range(3072):
        e = m >> s
        p = min(65535, (2**47 + (2**31 + e) // 2) // (2**31 + e))
        squashed[x], squashed[-x] = p, 65536 - p
        m = (m * 4278222805 + 2**31) >> 32
        if m < 2**31:
            m, s = 2 * m, s + 1
    least, x = [], -3071
    for p in range(65536):
        while x < 3071 and squashed[x] < p:
            x += 1
        least.append(x)
    return squashed, least


SQUASH, LEAST = _tables()


def squash(x: int) -> int:
    return SQUASH[clamp(x, -3071, 3071)]


def stretch(p: int) -> int:
    if p < 2048:
        return LEAST[p]
    return -LEAST[65536 - p] if p > 63488 else LEAST[(p & ~15) + 8]


class Counter:
    def __init__(self, p: int, n: int = 0) -> None:
        self.p, self.n = p, n

    @property
    def probability(self) -> int:
        return self.p >> 6

    def move(self, bit: int, limit: int) -> None:
        r = rate(self.n)
        self.p += ((4194303 - self.p) * r >> 16) if bit else -(self.p * r >> 16)
        self.n += self.n < limit

    def opinion(self) -> int:
        return stretch(self.p >> 6) * trust(self.n) >> 8


class Mix:
    def __init__(self, weights: list[int]) -> None:
        self.w, self.s = list(weights), 0

    def ask(self, inputs: list[int]) -> int:
        total = sum(w * a for w, a in zip(self.w, inputs, strict=True))
        return clamp(total >> 16, -3071, 3071)

    def learn(self, inputs: list[int], x: int, bit: int, speed: int) -> None:
        error = bit * 65536 - squash(x)
        step = (error * (16 * speed + 23 * 1024 // (64 + self.s * 5 // 16))) >> 6
        self.s = min(self.s + 1, 60000)
        self.w = [w + ((a * step + 32768) >> 16) for w, a in zip(self.w, inputs, strict=True)]


class Squares:
    def __init__(self, n: int, prior: list[int], weight: int) -> None:
        self.w0, self.weight, self.n = prior + [0] * (n - len(prior)), weight, n
        self.A, self.b = np.zeros((n, n), np.int64), np.zeros(n, np.int64)
        self.w = np.array(self.w0, np.int64)
        self.next = self.seen = 0
        self.add_prior()

    def add_prior(self) -> None:
        for i in range(self.n):
            self.A[i, i] += self.weight
            self.b[i] += div(self.weight * self.w0[i], 65536)

    def fade(self) -> None:
        self.A = np.sign(self.A) * (np.abs(self.A) * 27 // 256)
        self.b = np.sign(self.b) * (np.abs(self.b) * 27 // 256)
        self.add_prior()

    def predict(self, x: list[int]) -> int:
        return int(self.w @ np.array(x, np.int64))

    def learn(self, x: list[int], t: int, steps: int) -> None:
        v = np.array(x, np.int64)
        self.A += np.outer(v, v)
        self.b += v * t
        self.seen += 1
        if self.seen % 256 == 0 and (self.A.diagonal().max() > 2**28 or abs(self.b).max() > 2**28):
            self.A, self.b = (
                np.sign(self.A) * (abs(self.A) // 2),
                np.sign(self.b) * (abs(self.b) // 2),
            )
        for _ in range(steps):
            i = self.next
            self.next = (i + 1) % self.n
            e = int(self.b[i]) * 65536 - int(self.A[i] @ self.w)
            if self.A[i, i] > 0:
                self.w[i] = clamp(int(self.w[i]) + div(e, int(self.A[i, i])), -(2**18), 2**18)


class Stream:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.low, self.high, self.code = data, 0, 0, 2**64 - 1, 0
        for _ in range(8):
            self.shift()

    def shift(self) -> None:
        byte = self.data[self.at] if self.at < len(self.data) else 0
        self.code = (self.code << 8 | byte) % 2**64
        self.at += 1

    def bit(self, p: int) -> int:
        middle = self.low + ((self.high - self.low) >> 16) * (65536 - p)
        bit = int(self.code > middle)
        if bit:
            self.low = middle + 1
        else:
            self.high = middle
        while self.low >> 56 == self.high >> 56:
            self.low = self.low << 8 & (2**64 - 1)
            self.high = (self.high << 8 | 255) & (2**64 - 1)
            self.shift()
        return bit


class Plane:
    """Cells by (row, column), two of a border around them."""

    def __init__(self, h: int, w: int) -> None:
        self.cells, self.h, self.w = np.zeros((h + 4, w + 4), np.int64), h, w

    def at(self, row: int, column: int) -> int:
        return int(self.cells[row + 2, column + 2])

    def near(self, place: tuple[int, int], offset: tuple[int, int]) -> int:
        return self.at(place[0] + offset[0], place[1] + offset[1])

    def set(self, place: tuple[int, int], value: int) -> None:
        self.cells[place[0] + 2, place[1] + 2] = value

    def start_row(self, row: int) -> None:
        if row:
            self.cells[row + 2, :2] = self.cells[row + 1, 2]

    def end_row(self, row: int) -> None:
        self.cells[row + 2, -2:] = self.cells[row + 2, -3]

    def end(self) -> None:
        self.cells[self.h + 2] = self.cells[self.h + 1]


class Decoder:
    def __init__(self, data: bytes, shape: tuple[int, int, int]) -> None:
        self.s = Stream(data)
        self.C, self.h, self.w = shape
        self.q, self.tilt = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.trellis, self.state = self.s.bit(32768), 0
        self.sum, self.rsum = Plane(self.h, self.w), Plane(self.h, self.w)
        self.escape: Any = defaultdict(lambda: Counter(2**21))
        self.flat = Counter(2**19)
        self.calm: Any = defaultdict(lambda: Counter(2**18))
        self.calm_mix: Any = defaultdict(lambda: Mix([15306] * 3 + [0]))
        self.counters: Any = defaultdict(lambda: Counter(2**21))
        first = [5109] * 7 + [22262, 5713, 11525, 2857, 2627, 0]
        self.mixes: Any = defaultdict(lambda: Mix(first))
        self.maps: Any = defaultdict(
            lambda: [Counter(squash(256 * i - 3072) * 64, 49) for i in range(25)]
        )
        prior = [9000, 9000, 4000, 4000, 2500, 2500, 8000, 3000, 3000, 3000, 3000]
        self.size = Squares(24, prior, 16000)

    def counter_bit(self, counter: Counter, limit: int) -> int:
        bit = self.s.bit(inside(counter.probability))
        counter.move(bit, limit)
        return bit

    def run(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        empties, was = (Counter(2**18), Counter(2**21)), 0
        zero = [Plane(self.h, self.w) for _ in range(4)]
        self.v, self.k, self.r = list(zero), list(zero), list(zero)
        for c in range(self.C):
            for planes in (self.v, self.k, self.r):
                planes.insert(0, Plane(self.h, self.w))
                planes.pop()
            if not self.trellis:
                self.k[0] = self.v[0]
            prior = [26000, 26000, -8000, 6000]
            self.mean, self.nearest = Squares(32, prior, 46), Squares(6, prior, 46)
            if c:
                self.size.fade()
            was = self.counter_bit(empties[was], 20)
            for row in range(self.h):
                for p in (self.v[0], self.k[0], self.r[0]):
                    p.start_row(row)
                for column in range(self.w):
                    if was:
                        self.add((row, column), 0, 0)
                        self.state = NEXT[self.state][0]
                    else:
                        self.symbol(c, (row, column))
                for p in (self.v[0], self.k[0], self.r[0]):
                    p.end_row(row)
            for p in (self.v[0], self.k[0], self.r[0]):
                p.end()
        return self.q, self.tilt

    def add(self, at: tuple[int, int], value: int, rest: int) -> None:
        s, r = self.sum.at(*at), self.rsum.at(*at)
        self.sum.set(at, s + 16 * abs(value) - s * 26 // 256)
        self.rsum.set(at, r + rest - r * 26 // 256)

    def symbol(self, c: int, at: tuple[int, int]) -> None:
        v, v1 = self.v[0], self.v[1]
        Q = 0 if not self.trellis else 1 + self.state % 2
        around = {v.near(at, o) for o in NEAR}
        before = {v1.near(at, o) for o in ((0, 0), *CROSS)}
        a = v.near(at, (0, -1))
        kind, p, expected = "", 65536, 0
        if around == {0} and before == {0}:
            kind = "calm"
            counters, inputs, mix, x = self.ask_calm(c, at)
            p = inside(squash(x))
        elif len(around) == 1 and len(before) == 1 and a and abs(a) < 1023 and not self.trellis:
            kind, p, expected = "flat", inside(self.flat.probability), a

        def learn(bit: int) -> None:
            if kind == "calm":
                mix.learn(inputs, x, bit, 3)
                for counter in counters:
                    counter.move(bit, 142)
            elif kind == "flat":
                self.flat.move(bit, 170)

        known = False
        if p < 1000:
            if not self.s.bit(p):
                learn(0)
                self.q[c][at] = expected
                v.set(at, expected)
                self.add(at, expected, 0)
                self.state = NEXT[self.state][0]
                return
            known = kind == "calm"
        self.look(c, at, Q)
        index = self.decode_index(Q, known and not self.wide)
        value = index if Q == 0 else 2 * index
        if Q == 2:
            value += (index < 0) - (index > 0)
        value = clamp(value, -(2**31), 2**31 - 1)
        self.q[c][at] = value
        X = clamp(
            (clamp(16 * value - self.mu[0], -(2**24), 2**24) * self.inv[0]) >> 16, -3071, 3071
        )
        self.tilt[c][at] = clamp(-div((2 * squash(X) - 65536) * self.inv[0], 2**32), -64, 64)
        learn(int(index != 0 if kind == "calm" else value != expected))
        limited = clamp(value, -1023, 1023)
        rest = min(abs(16 * limited - self.mu[0]), 16383)
        v.set(at, limited)
        self.k[0].set(at, clamp(index, -1023, 1023))
        self.r[0].set(at, rest)
        self.add(at, limited, rest)
        if limited or abs(self.mu[0]) >= 4:
            self.mean.learn(self.mean_x, limited, 6)
            self.nearest.learn(self.mean_x[:6], limited, 2)
        self.size.learn(self.size_x, min(rest >> self.z, 1023), 5 if rest > 6 else 0)
        self.state = NEXT[self.state][index % 2]

    def four(self, p: Plane, at: tuple[int, int], size: bool = False) -> int:
        found = [p.near(at, o) for o in CROSS]
        return sum(abs(x) for x in found) if size else sum(found)

    def ask_calm(self, c: int, at: tuple[int, int]) -> Any:
        def cls(s: int) -> int:
            return 0 if s <= 0 else min(23, 2 * log2q(s + 1) // 346)

        s, A, ch = self.sum.at(*at), self.four(self.sum, at), min(c, 127)
        n2 = min(3, sum(self.v[2].near(at, o) != 0 for o in CROSS))
        n0 = min(3, sum(self.v[0].near(at, o) != 0 for o in ((-2, -1), (-2, 1), (-1, -2), (-1, 2))))
        third = min(abs(self.v[2].at(*at)), 2) + 3 * min(abs(self.v[3].at(*at)), 2) + 9 * n2
        counters = [
            self.calm[0, cls(s) * 24 + cls(A >> 2)],
            self.calm[1, ch * 24 + cls(s + (A >> 1))],
            self.calm[2, third + 36 * n0 + 144 * min(c, 15)],
        ]
        inputs = [*(counter.opinion() for counter in counters), 256]
        mix = self.calm_mix[ch]
        return counters, inputs, mix, mix.ask(inputs)

    def look(self, c: int, at: tuple[int, int], Q: int) -> None:
        v, v1, v2, v3 = self.v
        r, r1, r2, r3 = self.r

        def sums(p: Plane, a: tuple[int, int], b: tuple[int, int]) -> int:
            return clamp(p.near(at, a) + p.near(at, b), -1023, 1023)

        N, S, W, E = (-1, 0), (1, 0), (0, -1), (0, 1)
        NW, NE, SW, SE = (-1, -1), (-1, 1), (1, -1), (1, 1)
        x = [v.near(at, o) for o in NEAR]
        x += [v1.at(*at), 3, v1.near(at, W), v1.near(at, N), v2.at(*at), v3.at(*at)]
        x += [v1.near(at, E), v1.near(at, S)]
        x += [v.near(at, o) for o in (*FAR, (-2, -2), (-2, 2))]
        x += [v1.near(at, o) for o in (NW, NE, SW, SE)]
        x += [sums(v1, (0, -2), (0, 2)), sums(v1, (-2, 0), (2, 0))]
        for p in (v2, v3):
            x += [p.near(at, W), p.near(at, N), sums(p, E, S)]
        self.mean_x = x
        self.mu = [
            clamp(self.mean.predict(x) >> 12, -32736, 32736),
            clamp(self.nearest.predict(x[:6]) >> 12, -32736, 32736),
        ]
        total, rest_total = self.sum.at(*at), self.rsum.at(*at)
        f = [r.near(at, o) for o in NEAR]
        f += [r1.at(*at), self.four(r1, at) >> 2, r2.at(*at), total, self.four(self.sum, at) >> 2]
        f += [rest_total, self.four(self.rsum, at) >> 2]
        f += [16 * (abs(x[0]) + abs(x[1])), r.near(at, (-1, -2)) + r.near(at, (-1, 2))]
        f += [sum(r1.near(at, o) for o in (NW, NE, SW, SE)) >> 2, self.four(r2, at) >> 2]
        f += [r3.at(*at), self.four(r3, at) >> 2]
        f += [16 * abs(x[0] - x[2]), 16 * abs(x[1] - x[2]), 16 * abs(x[1] - x[3])]
        f += [16 * sum(abs(v1.at(*at) - v1.near(at, o)) for o in CROSS), 6]
        local = 3 * (f[0] + f[1]) + f[2] + f[3] + 2 * f[6]
        self.z = clamp((log2q((local + total + 20) // 10) >> 8) - 4, 0, 31)
        self.size_x = [min(s >> self.z, 1023) for s in f]
        size = clamp((self.size.predict(self.size_x) * 2**self.z) >> 12, 2, 2**22)
        level = log2q(size)
        self.inv = [2**28 // max(82, size * 187 // 256)]
        self.inv += [self.inv[0] * 418 // 256, 2**28 // max(82, (local + 16) * 1215 // 256)]
        self.size_input = clamp(div((level - 2048) * 500, 256), -2047, 2047)
        mu, u, g = self.mu[0], 32 if Q else 16, int(Q > 0)
        self.wide = size > 1850 << g or abs(mu) > 157 << g
        self.centre = div(mu + (u // 2 if mu >= 0 else -u // 2), u) if self.wide else 0
        self.shift = clamp((level - 1900 - 256 * g) >> 8, 0, 16) if self.wide else 0
        self.half = 1 << self.shift >> 1
        self.off = self.centre * u - mu
        fine = clamp(div(level - 512, 237), 0, 63)
        t, o = 20 if Q else 12, -self.off
        side = clamp(div(o + (t // 2 if o > 0 else -(t // 2)), t), -12, 12) + 12
        self.contexts(c, at, fine)
        self.sets, self.map_at = [min(c, 127), fine, side, self.at[2]], [fine, side]

    def contexts(self, c: int, at: tuple[int, int], fine: int) -> None:
        k, k1, k2, k3 = self.k

        def sc(a: int) -> int:
            return min(15, max(a, 0) if a < 3 else log2q(a) >> 7)

        def relative(index: int) -> int:
            return clamp((index - self.centre + self.half) >> self.shift, -3, 3) + 3

        n = [abs(k.near(at, o)) for o in NEAR]
        here1, here2, here3 = k1.at(*at), k2.at(*at), k3.at(*at)
        round1, round2 = self.four(k1, at, size=True), self.four(k2, at, size=True)
        far = sum(abs(k.near(at, o)) for o in FAR) > 1
        self.at = [
            relative(k.near(at, (0, -1))) + 7 * relative(k.near(at, (-1, 0))),
            clamp(here1, -3, 3)
            + 3
            + 7 * (clamp(here2, -2, 2) + 2)
            + 35 * min((round1 + 1) >> 1, 3),
            16 * sc(self.sum.at(*at) >> 1) + sc(self.four(self.sum, at) >> 3),
            min(n[0] + n[1], 6) + 7 * min(n[2] + n[3], 5) + 42 * min(n[4] + n[5], 4),
            fine,
            16 * min(c, 127) + (fine >> 2),
            min(abs(here2), 3)
            + 4 * min(abs(here3), 3)
            + 16 * min((round2 + 1) >> 1, 3)
            + 64 * min(abs(here1), 3)
            + 256 * far,
        ]

    def boundary(self, Q: int, k: int) -> int:
        if Q < 2:
            return 16 * k + 8 if Q == 0 else 32 * k + 16
        return {0: 8, -1: -8}.get(k, 32 * k if k > 0 else 32 * (k + 1))

    def start(self, j: int) -> int:
        return self.centre + j * 2**self.shift - self.half

    def mass(self, end: int, mu: int, inv: int, over: bool) -> int:
        X = (clamp(end - mu, -(2**24), 2**24) * inv) >> 16
        return squash(clamp(-X if over else X, -3071, 3071))

    def node(self, Q: int, node: int, below: int) -> int:
        def end(j: int) -> int:
            return self.boundary(Q, self.start(j + 1) - 1)

        def ratio(a: int, b: int) -> int:
            return stretch(65535 if a >= b else inside((a << 16) // b))

        V = int(self.wide) + 2 * (Q == 2)
        sided = node if node < 2 else 2 * node - 2 + below if 2 * node - 2 < 16 else 14 + below
        counters = [self.counters[i, context, V, sided] for i, context in enumerate(self.at)]
        inputs = [counter.opinion() for counter in counters]
        for mu, inv in ((0, 0), (0, 1), (1, 0), (0, 2)):
            m, i = self.mu[mu], self.inv[inv]
            if node < 2:
                under, over = self.mass(end(-1), m, i, False), self.mass(end(0), m, i, True)
                inputs.append(ratio(under, under + over) if node else stretch(inside(under + over)))
            elif below:
                inputs.append(
                    ratio(self.mass(end(-node), m, i, False), self.mass(end(1 - node), m, i, False))
                )
            else:
                inputs.append(
                    ratio(
                        self.mass(end(node - 1), m, i, True), self.mass(end(node - 2), m, i, True)
                    )
                )
        inputs += [clamp(24 * self.off, -2047, 2047) if node == 1 else self.size_input, 256]
        mixes = [self.mixes[i, context, V, node] for i, context in enumerate(self.sets)]
        xs = [mix.ask(inputs) for mix in mixes]
        X = div(sum(xs), 4)
        place = X + 3072
        i, part = place >> 8, place & 255
        maps = [self.maps[n, context, V, node] for n, context in enumerate(self.map_at)]
        said = [(m[i].probability * (256 - part) + m[i + 1].probability * part) >> 8 for m in maps]
        bit = self.s.bit(inside((2 * squash(X) + sum(said)) >> 2))
        for counter in counters:
            counter.move(bit, 170)
        for mix, x in zip(mixes, xs, strict=True):
            mix.learn(inputs, x, bit, 8)
        for m in maps:
            m[i + (part >= 128)].move(bit, 573)
        return bit

    def decode_index(self, Q: int, known: bool) -> int:
        cell = 0
        if known or self.node(Q, 0, 0):
            below = self.node(Q, 1, 0)
            cell = 1
            while cell < 14 and self.node(Q, cell + 1, below):
                cell += 1
            if cell == 14:
                cell += self.decode_escape()
            cell = -cell if below else cell
        low = self.start(cell)
        for b in range(self.shift - 1, -1, -1):
            ends = [self.boundary(Q, low + n - 1) for n in (0, 1 << b, 2 << b)]
            over = ends[1] > self.mu[0]
            a, s, z = (self.mass(end, self.mu[0], self.inv[0], over) for end in ends)
            lower, upper = abs(a - s) + 1, abs(s - z) + 1
            low += self.s.bit(inside(2 * ((upper << 15) // (lower + upper)))) << b
        return clamp(low, -(2**31), 2**31 - 1)

    def decode_escape(self) -> int:
        n = 0
        while n < 34 and self.counter_bit(self.escape[self.wide, n], 60):
            n += 1
        value = 1
        for _ in range(n):
            value = value << 1 | self.s.bit(32768)
        return value - 1


def decode(data: bytes, shape: tuple[int, int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The symbols and the tilts of a stream."""
    return Decoder(data, shape).run()
