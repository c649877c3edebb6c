"""The autoencoder is missing, or not what it should be."""

from __future__ import annotations

from sdz.errors.base import SdzError, composed

FLOOR = "codec"


class ModelError(SdzError):
    """The autoencoder is missing or is not what it should be."""

    code = "model-error"


class UnknownModel(ModelError):
    """No model of that ``name`` is registered; ``known`` lists those that are."""

    code = "unknown-model"
    name: str
    known: tuple[str, ...]
    sentence = (
        "no model is called {name!r}; known are {known:, }; "
        "a folder in diffusers layout is added by: sdz models add DIR --name {name}"
    )


class BadModelName(ModelError):
    """``name`` may not name a model."""

    code = "bad-model-name"
    name: str
    sentence = "{name!r} cannot name a model: use 1 to 32 of a-z 0-9 . _ -, and no dot in front"


class ModelExists(ModelError):
    """A model of that ``name`` is installed already."""

    code = "model-exists"
    name: str
    sentence = (
        "there is a model called {name} already; choose another name, or first: sdz models remove "
        "{name}"
    )


class BuiltInModel(ModelError):
    """``name`` is part of the package: it is neither fetched nor added nor removed."""

    code = "built-in-model"
    name: str
    sentence = "{name} is built in; there is nothing to fetch, add or remove"


class ModelMissing(ModelError):
    """The model ``name`` is known but its weights are not on this machine."""

    code = "model-missing"
    name: str
    command: str
    sentence = "the weights of {name} are not on this machine; get them by: {command}"


class WeightsMismatch(ModelError):
    """Model ``name`` has decoder weights hashed ``found``, not ``expected`` (hex)."""

    code = "weights-mismatch"
    name: str
    expected: str
    found: str
    sentence = (
        "{name} has other weights than are wanted: expected {expected}, found {found}; install the "
        "version that has them, or if it was downloaded: sdz models pull {name}"
    )


class BadModel(ModelError):
    """The folder or file ``where`` does not hold an autoencoder that can be used."""

    code = "bad-model"
    where: str
    reason: str
    sentence = "no usable autoencoder in {where}: {reason}"


class NoPreview(ModelError):
    """Model ``name`` has no map from latents to a small picture."""

    code = "no-preview"
    name: str
    sentence = "no preview without weights is known for {name}; decode the file instead"


class PullFailed(ModelError):
    """Weights of ``name`` could not be fetched; what was fetched is kept for the next try."""

    code = "pull-failed"
    name: str
    reason: str
    sentence = "could not fetch {name}: {reason}"


class HubOffline(PullFailed):
    """The hub at ``endpoint`` could not be reached. ``why``: the connection's own word."""

    code = "hub-offline"
    endpoint: str
    why: str
    reason: str = composed(
        "{endpoint} cannot be reached ({why}); check the connection and repeat: "
        "sdz models pull {name}"
    )


class NoSpace(PullFailed):
    """``need`` bytes are needed in ``where``, ``free`` are free."""

    code = "no-space"
    where: str
    need: int
    free: int
    reason: str = composed(
        "needs {need:,} bytes in {where}, {free:,} are free; make room and repeat"
    )
