"""Many pictures on many machines cannot be done."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "distributed"


class BatchError(SdzError):
    """A batch on a cluster cannot be done, or not go on. What it has done is in its manifest."""

    code = "batch-failed"


class PlaceUnusable(BatchError):
    """A folder or an address in an object store cannot be read. ``where``: it."""

    code = "place-unusable"
    where: str
    reason: str
    sentence = "{where} cannot be used: {reason}"


class BadManifest(BatchError):
    """A line of a manifest cannot be read. ``where``: its file."""

    code = "bad-manifest"
    where: str
    reason: str
    sentence = "{where} is no manifest of sdz batch ({reason}); move it away to begin afresh"


class ClusterFailed(BatchError):
    """The cluster at ``address`` cannot be reached, or gave up. ``reason``: its own word."""

    code = "cluster-failed"
    address: str
    reason: str
    sentence = "the cluster at {address}: {reason}; what was done is kept, run it again to go on"
