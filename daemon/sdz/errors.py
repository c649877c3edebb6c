"""Every error the package raises on purpose, and nothing else.

    SdzError
    ├── FormatError            the bytes are not a .sdz file that can be read
    │   ├── NotSdz             no signature
    │   ├── UnsupportedVersion written by a later format version
    │   ├── UnsupportedFeature needs a feature this reader lacks
    │   ├── Truncated          ends before it should
    │   ├── TrailingData       goes on after it should have ended
    │   ├── BadChecksum        a chunk's CRC-32 does not match
    │   ├── BadSymbols         the decoded integers do not match their checksum
    │   ├── BadField           a field holds what it may not
    │   └── LimitExceeded      larger than this reader accepts
    ├── ImageError             the source picture cannot be used
    │   ├── UnreadableImage
    │   └── ImageTooLarge
    ├── EncodeError            a wish that cannot be met; nothing was written
    │   ├── ScoreNotReached
    │   ├── TargetTooSmall
    │   └── NotSmaller
    ├── ModelError             the autoencoder is missing or not what it should be
    │   ├── UnknownModel
    │   ├── BadModelName
    │   ├── ModelExists
    │   ├── BuiltInModel
    │   ├── ModelMissing
    │   ├── WeightsMismatch
    │   ├── BadModel
    │   ├── NoPreview
    │   └── PullFailed
    │       ├── HubOffline
    │       └── NoSpace
    ├── EngineError            the process that runs the models did not give a result
    │   ├── QueueFull
    │   ├── DeadlinePassed
    │   ├── JobCancelled
    │   ├── JobFailed
    │   ├── EngineCrashed
    │   ├── EngineStopped
    │   ├── OutOfMemory
    │   └── DeviceMissing
    ├── OutputError            the result has nowhere to go
    │   └── OutputExists
    └── BadOption              a value that an option may not have

Each class carries its facts as attributes (what was expected, what was found) and a stable
``code`` that other programs may rely on; ``str(error)`` says what is wrong and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class SdzError(Exception):
    """Base of all errors the package raises on purpose."""

    code: ClassVar[str] = "error"


# --- the file -------------------------------------------------------------------------------


class FormatError(SdzError):
    """The bytes are not a ``.sdz`` file that this version can read."""

    code = "bad-file"


class NotSdz(FormatError):
    """The signature is missing. ``found``: the first bytes of the data (at most 8)."""

    code = "not-sdz"

    def __init__(self, found: bytes) -> None:
        self.found = found[:8]
        start = self.found.hex(" ") or "nothing"
        super().__init__(
            f"not a .sdz file: expected it to start with 89 53 44 5a 0d 0a 1a 0a, found {start}"
        )


class UnsupportedVersion(FormatError):
    """Written by a format version later than ``supported``."""

    code = "unsupported-version"

    def __init__(self, found: int, supported: int) -> None:
        self.found, self.supported = found, supported
        super().__init__(
            f"format version {found} is newer than version {supported}, the latest this sdz reads; "
            "update sdz to open it"
        )


class UnsupportedFeature(FormatError):
    """The file needs a feature that this reader does not know. ``feature`` names it."""

    code = "unsupported-feature"

    def __init__(self, feature: str) -> None:
        self.feature = feature
        super().__init__(f"needs {feature}, which this sdz does not know; update sdz to open it")


class Truncated(FormatError):
    """``what`` needs ``need`` bytes but only ``got`` are left."""

    code = "truncated"

    def __init__(self, what: str, need: int, got: int) -> None:
        self.what, self.need, self.got = what, need, got
        super().__init__(f"cut short: {what} needs {need} bytes, found {got}; fetch the file again")


class TrailingData(FormatError):
    """``count`` bytes follow the place where ``what`` ends."""

    code = "trailing-data"

    def __init__(self, what: str, count: int) -> None:
        self.what, self.count = what, count
        super().__init__(f"damaged: {count} bytes follow the end of {what}")


class BadChecksum(FormatError):
    """The CRC-32 of chunk ``what`` is ``found``, the file says ``expected``."""

    code = "bad-checksum"

    def __init__(self, what: str, expected: int, found: int) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(
            f"damaged: checksum of {what} expected {expected:08x}, found {found:08x}; "
            "fetch the file again"
        )


class BadSymbols(FormatError):
    """The integers decoded for ``what`` do not have the checksum the file carries."""

    code = "bad-symbols"

    def __init__(self, what: str, expected: int, found: int) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(
            f"damaged: decoded symbols of {what} expected checksum {expected:04x}, "
            f"found {found:04x}"
        )


class BadField(FormatError):
    """``field`` should be ``expected`` but the file holds ``found``."""

    code = "bad-field"

    def __init__(self, field: str, expected: str, found: object) -> None:
        self.field, self.expected, self.found = field, expected, found
        super().__init__(f"damaged: {field} expected {expected}, found {found}")


class LimitExceeded(FormatError):
    """``what`` is ``found``, over ``limit``; raised before memory is taken for it."""

    code = "limit-exceeded"

    def __init__(self, what: str, limit: int, found: int) -> None:
        self.what, self.limit, self.found = what, limit, found
        super().__init__(f"refused: {what} is {found}, the limit is {limit}")


# --- the source picture ---------------------------------------------------------------------


class ImageError(SdzError):
    """The source picture cannot be used."""

    code = "bad-image"


class UnreadableImage(ImageError):
    """Pillow could not read the picture. ``reason`` is its own word."""

    code = "unreadable-image"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"not a picture that can be read: {reason}")


class ImageTooLarge(ImageError):
    """``what`` of the picture is ``found``, over ``limit``."""

    code = "image-too-large"

    def __init__(self, what: str, limit: int, found: int) -> None:
        self.what, self.limit, self.found = what, limit, found
        super().__init__(f"picture refused: {what} is {found}, the limit is {limit}")


# --- encoding -------------------------------------------------------------------------------


class EncodeError(SdzError):
    """A wish that cannot be met. Nothing was written."""

    code = "cannot-encode"


class ScoreNotReached(EncodeError):
    """The best quality scores ``best`` (SSIMULACRA2), under the ``wanted`` score."""

    code = "score-not-reached"

    def __init__(self, wanted: float, best: float, model: str) -> None:
        self.wanted, self.best, self.model = wanted, best, model
        super().__init__(
            f"a score of {wanted:g} cannot be reached: {model} at its finest scores {best:.1f}; "
            "ask for less, try another model, or keep the original"
        )


class TargetTooSmall(EncodeError):
    """The smallest file takes ``least`` bytes, over the ``target``."""

    code = "target-too-small"

    def __init__(self, target: int, least: int, model: str) -> None:
        self.target, self.least, self.model = target, least, model
        super().__init__(
            f"{target} bytes are too few: the coarsest {model} file of this picture takes "
            f"{least} bytes; ask for more or make the picture smaller"
        )


class NotSmaller(EncodeError):
    """The ``.sdz`` would take ``size`` bytes, the source takes ``source``."""

    code = "not-smaller"

    def __init__(self, size: int, source: int) -> None:
        self.size, self.source = size, source
        super().__init__(
            f"would not get smaller: {size} bytes against {source} of the source; "
            "keep the original, or ask for a lower quality"
        )


# --- models ---------------------------------------------------------------------------------


class ModelError(SdzError):
    """The autoencoder is missing or is not what it should be."""

    code = "model-error"


class UnknownModel(ModelError):
    """No model of that ``name`` is registered; ``known`` lists those that are."""

    code = "unknown-model"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        super().__init__(
            f"no model is called {name!r}; known are {', '.join(known)}; "
            f"a folder in diffusers layout is added by: sdz models add DIR --name {name}"
        )


class BadModelName(ModelError):
    """``name`` may not name a model."""

    code = "bad-model-name"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name!r} cannot name a model: use 1 to 32 of a-z 0-9 . _ -, and no dot in front"
        )


class ModelExists(ModelError):
    """A model of that ``name`` is installed already."""

    code = "model-exists"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"there is a model called {name} already; choose another name, "
            f"or first: sdz models remove {name}"
        )


class BuiltInModel(ModelError):
    """``name`` is part of the package: it is neither fetched nor added nor removed."""

    code = "built-in-model"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is built in; there is nothing to fetch, add or remove")


class ModelMissing(ModelError):
    """The model ``name`` is known but its weights are not on this machine."""

    code = "model-missing"

    def __init__(self, name: str, command: str) -> None:
        self.name, self.command = name, command
        super().__init__(f"the weights of {name} are not on this machine; get them by: {command}")


class WeightsMismatch(ModelError):
    """Model ``name`` has decoder weights hashed ``found``, not ``expected`` (hex)."""

    code = "weights-mismatch"

    def __init__(self, name: str, expected: str, found: str) -> None:
        self.name, self.expected, self.found = name, expected, found
        super().__init__(
            f"{name} has other weights than are wanted: expected {expected}, found {found}; "
            f"install the version that has them, or if it was downloaded: sdz models pull {name}"
        )


class BadModel(ModelError):
    """The folder or file ``where`` does not hold an autoencoder that can be used."""

    code = "bad-model"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"no usable autoencoder in {where}: {reason}")


class NoPreview(ModelError):
    """Model ``name`` has no map from latents to a small picture."""

    code = "no-preview"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no preview without weights is known for {name}; decode the file instead")


class PullFailed(ModelError):
    """Weights of ``name`` could not be fetched; what was fetched is kept for the next try."""

    code = "pull-failed"

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"could not fetch {name}: {reason}")


class HubOffline(PullFailed):
    """The hub at ``endpoint`` could not be reached."""

    code = "hub-offline"

    def __init__(self, name: str, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        super().__init__(
            name,
            f"{endpoint} cannot be reached ({reason}); check the connection and repeat: "
            f"sdz models pull {name}",
        )


class NoSpace(PullFailed):
    """``need`` bytes are needed in ``where``, ``free`` are free."""

    code = "no-space"

    def __init__(self, name: str, where: str, need: int, free: int) -> None:
        self.where, self.need, self.free = where, need, free
        super().__init__(
            name, f"needs {need:,} bytes in {where}, {free:,} are free; make room and repeat"
        )


# --- the engine -----------------------------------------------------------------------------


class EngineError(SdzError):
    """The process that runs the models did not give a result."""

    code = "engine-error"


class QueueFull(EngineError):
    """``waiting`` jobs wait already, as many as may; worth another try in ``retry_after_s``."""

    code = "queue-full"

    def __init__(self, waiting: int, retry_after_s: float) -> None:
        self.waiting, self.retry_after_s = waiting, retry_after_s
        super().__init__(
            f"{waiting} jobs are waiting already; try again in {retry_after_s:.0f} seconds"
        )


class DeadlinePassed(EngineError):
    """No result within ``seconds``, the time the caller gave."""

    code = "deadline-passed"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"no result within the {seconds:g} seconds that were given")


class JobCancelled(EngineError):
    """The job was cancelled before it had a result."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("the job was cancelled")


class JobFailed(EngineError):
    """An error nobody planned for, a fault of this program. ``kind``: its class."""

    code = "internal-error"

    def __init__(self, kind: str, reason: str) -> None:
        self.kind, self.reason = kind, reason
        super().__init__(f"internal error, please report it: {kind}: {reason}")


class EngineCrashed(EngineError):
    """The process ended unasked ``attempts`` times while it had this job. ``reason``: how."""

    code = "engine-crashed"

    def __init__(self, attempts: int, reason: str) -> None:
        self.attempts, self.reason = attempts, reason
        times = "once" if attempts == 1 else f"{attempts} times"
        super().__init__(f"the engine's process ended unasked {times} with this job ({reason})")


class EngineStopped(EngineError):
    """The engine is not running, or is being stopped, and takes no jobs."""

    code = "engine-stopped"

    def __init__(self) -> None:
        super().__init__("the engine is stopped and takes no jobs")


class OutOfMemory(EngineError):
    """``device`` has too little memory for the job; ``tried``: the ways that were tried."""

    code = "out-of-memory"

    def __init__(self, device: str, tried: tuple[str, ...]) -> None:
        self.device, self.tried = device, tried
        super().__init__(
            f"out of memory on {device}, tried: {', '.join(tried)}; "
            "close other programs that use it, or decode at another device"
        )


class DeviceMissing(EngineError):
    """The device ``wanted`` is not on this machine or cannot be used. ``found``: those that can."""

    code = "device-missing"

    def __init__(self, wanted: str, found: tuple[str, ...]) -> None:
        self.wanted, self.found = wanted, found
        super().__init__(
            f"no {wanted} device can be used here, only {', '.join(found)}; "
            "choose one of these, or auto"
        )


# --- output ---------------------------------------------------------------------------------


class OutputError(SdzError):
    """The result has nowhere to go. ``where``: the path."""

    code = "cannot-write"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"cannot write {where}: {reason}")


class OutputExists(OutputError):
    """There is already a file at ``where``, and it is not overwritten unasked."""

    code = "output-exists"

    def __init__(self, where: str) -> None:
        super().__init__(where, "it exists already; use --force to overwrite it")


class BadOption(SdzError):
    """``option`` should be ``expected`` but is ``found``."""

    code = "bad-option"

    def __init__(self, option: str, expected: str, found: object) -> None:
        self.option, self.expected, self.found = option, expected, found
        super().__init__(f"{option}: expected {expected}, found {found}")
