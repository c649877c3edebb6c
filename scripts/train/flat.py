"""All parameters of a training in one row: one fused optimiser step, one average, one cast.

The row is float32. What the network computes with is a copy in half precision, so that a step
casts once and not once a layer. Everything stays where it is in memory from step to step, as a
captured graph needs it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.98)
ALIGNED = 128  # numbers: every parameter begins where matrix units like it
LARGEST_NORM = 1.0  # of a group's gradient; 0.1 to 0.2 is usual for the network's


@dataclass(frozen=True)
class Group:
    """Parameters (owner and attribute) that learn at one multiple of the learning rate.

    ``rounded``: computed with in half precision, where there is one.
    """

    slots: list[tuple[nn.Module, str]]
    multiple: float
    rounded: bool


class FlatParameters:
    """The parameters of some modules, moved into one row and optimised together."""

    def __init__(self, groups: list[Group], device: torch.device, half: torch.dtype) -> None:
        """``half``: what groups that may be rounded are computed in."""
        places = [slot for group in groups for slot in group.slots]
        old = [getattr(module, name) for module, name in places]
        self.sizes = [p.numel() for p in old]
        self.shapes = [p.shape for p in old]
        self.padded = [-(-size // ALIGNED) * ALIGNED for size in self.sizes]
        self.row = torch.zeros(sum(self.padded), device=device)
        for view, value in zip(self._views(self.row), old, strict=True):
            view.copy_(value.detach())
        self.copy = self.row.to(half) if half != torch.float32 else self.row
        self.gradient = torch.zeros_like(self.row)
        self.average = self.row.clone()
        self.leaves: list[nn.Parameter] = []
        exact, rounded = self._views(self.row), self._views(self.copy)
        coarse = [group.rounded for group in groups for _ in group.slots]
        for (module, name), *views, is_coarse in zip(places, exact, rounded, coarse, strict=True):
            leaf = nn.Parameter(views[is_coarse])
            setattr(module, name, leaf)
            self.leaves.append(leaf)
        self._gaps: dict[tuple[int, torch.dtype], Tensor] = {}
        self._group_leaves = [len(group.slots) for group in groups]
        padded = iter(self.padded)
        counts = [sum(next(padded) for _ in group.slots) for group in groups]
        rows, grads = self.row.split(counts), self.gradient.split(counts)
        self._group_gradients = grads
        self.rates = [torch.zeros((), device=device) for _ in groups]
        self.multiples = [group.multiple for group in groups]
        parameters = []
        for piece, grad, rate in zip(rows, grads, self.rates, strict=True):
            parameter = nn.Parameter(piece)
            parameter.grad = grad
            parameters.append({"params": [parameter], "lr": rate})
        self.optimiser = torch.optim.AdamW(
            parameters, betas=BETAS, weight_decay=0.0, fused=True,
            capturable=device.type == "cuda",
        )  # fmt: skip
        self.keep = torch.zeros((), device=device)
        self.norm = torch.zeros((), device=device)

    def _views(self, row: Tensor) -> list[Tensor]:
        pieces = zip(row.split(self.padded), self.sizes, self.shapes, strict=True)
        return [piece[:size].view(shape) for piece, size, shape in pieces]

    def set_rate(self, rate: float, keep: float) -> None:
        """The learning rate, and how much of the average a step keeps, from the next step on."""
        for tensor, multiple in zip(self.rates, self.multiples, strict=True):
            tensor.fill_(rate * multiple)
        self.keep.fill_(1 - keep)

    def step(self, loss: Tensor) -> None:
        """One step down ``loss``. Where a gradient is not finite it counts as nothing."""
        grads = torch.autograd.grad(loss, self.leaves, allow_unused=True)
        with torch.no_grad():
            self._gather(grads)
            torch.nan_to_num_(self.gradient, 0.0, 0.0, 0.0)
            for grad in self._group_gradients:
                norm = grad.norm()
                grad.mul_((LARGEST_NORM / (norm + 1e-6)).clamp(max=1.0))
                if grad is self._group_gradients[0]:
                    self.norm.copy_(norm)
            self.optimiser.step()
            self.average.lerp_(self.row, self.keep)
            if self.copy is not self.row:
                self.copy.copy_(self.row)

    def _gather(self, grads: Iterable[Tensor | None]) -> None:
        """Gradients of the leaves into their row: one copy a group, not one a parameter."""
        pieces = iter(zip(grads, self.sizes, self.padded, self.leaves, strict=True))
        for target, count in zip(self._group_gradients, self._group_leaves, strict=True):
            parts = []
            for grad, size, padded, leaf in itertools.islice(pieces, count):
                parts.append(torch.zeros_like(leaf).flatten() if grad is None else grad.flatten())
                if padded > size:
                    parts.append(self._gap(padded - size, leaf.dtype))
            target.copy_(torch.cat(parts))

    def _gap(self, size: int, dtype: torch.dtype) -> Tensor:
        if (size, dtype) not in self._gaps:
            self._gaps[size, dtype] = torch.zeros(size, dtype=dtype, device=self.row.device)
        return self._gaps[size, dtype]

    def averaged(self) -> list[Tensor]:
        """The averaged parameters, in the order they were given, float32."""
        return self._views(self.average)

    def memory(self) -> list[Tensor]:
        """All that changes from step to step: copies of it, put back, undo what came since."""
        moments = [v for s in self.optimiser.state.values() for v in s.values()]
        return [self.row, self.average, *moments]

    def put_back(self, memory: list[Tensor]) -> None:
        """Undo the steps since ``memory`` was copied; moments that were not there are zero."""
        now = self.memory()
        for target, value in zip(now, memory, strict=False):
            target.copy_(value)
        for target in now[len(memory) :]:
            target.zero_()
        if self.copy is not self.row:
            self.copy.copy_(self.row)

    def is_finite(self) -> bool:
        """Whether every parameter and every average is a number."""
        return bool((self.row + self.average).isfinite().all())

    def state(self) -> dict[str, object]:
        """All that going on from here needs."""
        return {
            "row": self.row, "average": self.average, "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip

    def load(self, state: dict[str, object]) -> None:
        """Go on from ``state``."""
        self.row.copy_(state["row"])
        self.average.copy_(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate
        if self.copy is not self.row:
            self.copy.copy_(self.row)


def slots(module: nn.Module, names: Iterable[str]) -> list[tuple[nn.Module, str]]:
    """(owner, attribute) of the parameters of ``module`` with these dotted names."""
    found = []
    for name in names:
        owner, _, attribute = name.rpartition(".")
        found.append((module.get_submodule(owner), attribute))
    return found
