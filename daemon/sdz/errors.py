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
    │   ├── ImageTooLarge
    │   ├── ChangedMeanwhile
    │   └── FolderGiven
    ├── EncodeError            a wish that cannot be met; nothing was written
    │   ├── ScoreNotReached
    │   ├── TargetTooSmall
    │   ├── NotSmaller
    │   └── PeerFailed
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
    │       └── OutputStale
    ├── BatchError             many pictures on many machines cannot be done
    │   ├── ExtraMissing
    │   ├── PlaceUnusable
    │   ├── BadManifest
    │   └── ClusterFailed
    ├── WatchError             a folder cannot be watched, or a file in it not replaced
    │   ├── FolderUnfit
    │   ├── FolderWatched
    │   ├── BadJournal
    │   ├── SourceChanged
    │   ├── SourceUnfinished
    │   ├── SourceTooLarge
    │   ├── SeveralFrames
    │   ├── SavesTooLittle
    │   ├── OutputDamaged
    │   └── TrashFailed
    ├── ConfigError            the settings cannot be used
    │   ├── UnknownSetting
    │   └── BadSetting
    ├── ServiceError           the daemon refuses a request
    │   ├── GuardError         its sender is not let in; nothing of its body was read
    │   │   ├── HostMissing
    │   │   ├── HostForeign
    │   │   ├── HostWrongPort
    │   │   ├── PreflightRefused
    │   │   ├── CrossSite
    │   │   ├── OriginForeign
    │   │   ├── TokenMissing
    │   │   ├── TokenUnknown
    │   │   ├── TokenRevoked
    │   │   ├── SessionEnded
    │   │   ├── SessionKeyTaken
    │   │   └── LocalOnly
    │   ├── PairingClosed
    │   ├── PairingCodeWrong
    │   ├── RequestError       what was sent cannot be taken
    │   │   ├── NoSuchRoute
    │   │   ├── MethodRefused
    │   │   ├── WrongContentType
    │   │   ├── BodyTooLarge
    │   │   ├── BodyTooSlow
    │   │   ├── BadBody
    │   │   ├── NotAcceptable
    │   │   ├── NoSuchJob
    │   │   ├── NoSuchWatch
    │   │   └── NoSuchClient
    │   ├── TooManyRequests
    │   ├── TookTooLong
    │   ├── Draining
    │   └── InternalError
    ├── DaemonError            the daemon cannot be started, reached or trusted
    │   ├── NoFreePort
    │   ├── DaemonNotRunning
    │   ├── DaemonUnproven
    │   └── DaemonRefused
    ├── BadOption              a value that an option may not have
    └── KernelMissing          the compiled entropy coder is not there (also an ImportError)

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


class ChangedMeanwhile(ImageError):
    """The picture file changed while it was being encoded, so its result would be of neither."""

    code = "changed-meanwhile"

    def __init__(self) -> None:
        super().__init__("it changed while it was being encoded; encode it again")


class FolderGiven(ImageError):
    """A folder was named where a picture should be."""

    code = "folder-given"

    def __init__(self) -> None:
        super().__init__("it is a folder; name the pictures in it, or use --recursive")


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


class PeerFailed(EncodeError):
    """The picture could not be written in another ``format`` for a comparison."""

    code = "peer-failed"

    def __init__(self, format: str, reason: str) -> None:  # noqa: A002 - the query's own word
        self.format, self.reason = format, reason
        super().__init__(f"the picture could not be written as {format}: {reason}")


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


class OutputStale(OutputExists):
    """The file at ``where`` is not what would be made now, and is not replaced unasked."""

    code = "output-stale"

    def __init__(self, where: str, why: str) -> None:
        OutputError.__init__(
            self, where, f"it exists, but {why}; use --force to make it again, or move it away"
        )


# --- many pictures on many machines -----------------------------------------------------------


class BatchError(SdzError):
    """A batch on a cluster cannot be done, or not go on. What it has done is in its manifest."""

    code = "batch-failed"


class ExtraMissing(BatchError):
    """What only some need is not installed. ``extra``: its name in ``pip install 'sdz[extra]'``."""

    code = "extra-missing"

    def __init__(self, extra: str, module: str) -> None:
        self.extra, self.module = extra, module
        super().__init__(f"this needs {module}, which is not here; pip install 'sdz[{extra}]'")


class PlaceUnusable(BatchError):
    """A folder or an address in an object store cannot be read. ``where``: it."""

    code = "place-unusable"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where} cannot be used: {reason}")


class BadManifest(BatchError):
    """A line of a manifest cannot be read. ``where``: its file."""

    code = "bad-manifest"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(
            f"{where} is no manifest of sdz batch ({reason}); move it away to begin afresh"
        )


class ClusterFailed(BatchError):
    """The cluster at ``address`` cannot be reached, or gave up. ``reason``: its own word."""

    code = "cluster-failed"

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(
            f"the cluster at {address}: {reason}; what was done is kept, run it again to go on"
        )


# --- watching folders -----------------------------------------------------------------------


class WatchError(SdzError):
    """A folder cannot be watched, or a file in it is not replaced."""

    code = "cannot-watch"


class FolderUnfit(WatchError):
    """``folder`` is not there, is no folder, or is none that may be watched."""

    code = "folder-unfit"

    def __init__(self, folder: str, reason: str) -> None:
        self.folder, self.reason = _shown(folder), reason
        super().__init__(f"{self.folder} cannot be watched: {reason}")


class FolderWatched(WatchError):
    """``folder`` is, holds, or lies in ``other``, which ``by`` (process ``pid``) watches."""

    code = "folder-watched"

    def __init__(self, folder: str, other: str, by: str, pid: int) -> None:
        self.folder, self.other, self.by, self.pid = _shown(folder), _shown(other), by, pid
        which = "it" if folder == other else f"{self.other}, which has files in common with it,"
        super().__init__(
            f"{self.folder} cannot be watched: {which} is watched already by {by} (process {pid}); "
            "see: sdz watch status"
        )


class BadJournal(WatchError):
    """The journal ``where`` cannot be used. ``reason`` says why."""

    code = "bad-journal"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = _shown(where), reason
        super().__init__(
            f"the journal of watched folders {self.where} cannot be used: {reason}; "
            "move it away to begin a new one, no picture depends on it"
        )


class SourceChanged(WatchError):
    """The source changed, or went, while it was being read or encoded."""

    code = "source-changed"

    def __init__(self) -> None:
        super().__init__("it changed while it was being encoded; it is tried again once it rests")


class SourceUnfinished(WatchError):
    """The source ends before its own format says. ``reason``: what is missing."""

    code = "unfinished"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"not written to its end: {reason}")


class SourceTooLarge(WatchError):
    """The source has ``found`` bytes, over ``limit``."""

    code = "source-too-large"

    def __init__(self, found: int, limit: int) -> None:
        self.found, self.limit = found, limit
        super().__init__(f"it has {found:,} bytes, a watched folder takes up to {limit:,}")


class SeveralFrames(WatchError):
    """The source is an animation or has pages, and only the first picture would be kept."""

    code = "several-frames"

    def __init__(self) -> None:
        super().__init__(
            "it has several pictures (an animation or pages), of which only the first would be "
            "kept; left alone"
        )


class SavesTooLittle(WatchError):
    """The ``.sdz`` takes ``size`` bytes of ``source``, and ``share`` of them should be saved."""

    code = "saves-too-little"

    def __init__(self, size: int, source: int, share: float) -> None:
        self.size, self.source, self.share = size, source, share
        super().__init__(
            f"would save too little: {size} bytes against {source} of the source, "
            f"where {share:.0%} should be saved; left alone"
        )


class OutputDamaged(WatchError):
    """What was written to ``where`` does not read back. ``reason`` says how it differs."""

    code = "output-damaged"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = _shown(where), reason
        super().__init__(f"what was written to {self.where} does not read back: {reason}")


class TrashFailed(WatchError):
    """``where`` could not be put into the trash. ``reason`` says why."""

    code = "trash-failed"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = _shown(where), reason
        super().__init__(f"the trash did not take {self.where}: {reason}; it stays where it is")


def _shown(path: str) -> str:
    """A path as text that can be written anywhere: names of files are any bytes."""
    return path.encode("utf-8", "backslashreplace").decode()


# --- settings -------------------------------------------------------------------------------


class ConfigError(SdzError):
    """The settings cannot be used."""

    code = "bad-config"


class UnknownSetting(ConfigError):
    """``where`` sets ``key``, which does not exist; ``nearest`` is the one most like it."""

    code = "unknown-setting"

    def __init__(self, where: str, key: str, nearest: str | None) -> None:
        self.where, self.key, self.nearest = where, key, nearest
        hint = f"; did you mean {nearest}?" if nearest else "; see: sdz config show"
        super().__init__(f"{where}: there is no setting {key}{hint}")


class BadSetting(ConfigError):
    """``where`` sets ``key`` to ``found``, which should be ``expected``."""

    code = "bad-setting"

    def __init__(self, where: str, key: str, expected: str, found: object) -> None:
        self.where, self.key, self.expected, self.found = where, key, expected, found
        super().__init__(f"{where}: {key}: expected {expected}, found {found!r}")


# --- the service ----------------------------------------------------------------------------


class ServiceError(SdzError):
    """The daemon refuses a request."""

    code = "refused"


class GuardError(ServiceError):
    """The sender is not let in. Nothing of the body was read, no work was begun."""

    code = "not-let-in"


class HostMissing(GuardError):
    """The request has no Host header, an empty one, or several."""

    code = "host-missing"

    def __init__(self) -> None:
        super().__init__("the request names no host; speak to 127.0.0.1 and the daemon's port")


class HostForeign(GuardError):
    """The Host header names another machine: a rebound name, or a proxy."""

    code = "host-foreign"

    def __init__(self) -> None:
        super().__init__("this daemon answers only to 127.0.0.1 and localhost")


class HostWrongPort(GuardError):
    """The Host header has another port than the daemon's ``port``."""

    code = "host-wrong-port"

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"the request was meant for another port than {port}")


class PreflightRefused(GuardError):
    """An OPTIONS request: no web page is ever let in."""

    code = "preflight-refused"

    def __init__(self) -> None:
        super().__init__("web pages are not let in, so there is nothing to negotiate")


class CrossSite(GuardError):
    """The browser says that another site sent this. ``site``: its Sec-Fetch-Site."""

    code = "cross-site"

    def __init__(self, site: str) -> None:
        self.site = site
        super().__init__("requests that a web page caused are refused")


class OriginForeign(GuardError):
    """The Origin header is not that of the client that was paired."""

    code = "origin-foreign"

    def __init__(self) -> None:
        super().__init__("this origin is not paired; pair it by: sdz pair")


class TokenMissing(GuardError):
    """No bearer token."""

    code = "token-missing"

    def __init__(self) -> None:
        super().__init__("a bearer token is needed; get one by: sdz pair")


class TokenUnknown(GuardError):
    """A bearer token that was never given out, or that a restart has ended."""

    code = "token-unknown"

    def __init__(self) -> None:
        super().__init__("this token is not known; pair again by: sdz pair")


class TokenRevoked(GuardError):
    """The token of a client that was revoked."""

    code = "token-revoked"

    def __init__(self) -> None:
        super().__init__("this client was revoked; pair it again by: sdz pair")


class SessionEnded(GuardError):
    """A dashboard's cookie or page key that is not, or no longer, good."""

    code = "session-ended"

    def __init__(self) -> None:
        super().__init__("this session has ended; open the dashboard again by: sdz dashboard")


class SessionKeyTaken(GuardError):
    """The session's page key was told before; it is told once."""

    code = "session-key-taken"

    def __init__(self) -> None:
        super().__init__(
            "this session is in use by another page; open the dashboard again by: sdz dashboard"
        )


class LocalOnly(GuardError):
    """Only programs of this machine's user, by the token in its file, may do this."""

    code = "local-only"

    def __init__(self) -> None:
        super().__init__("only the command line of this machine's user may do this")


class PairingClosed(ServiceError):
    """Pairing is not open: never asked for, used, expired, or out of tries."""

    code = "pairing-closed"

    def __init__(self) -> None:
        super().__init__("pairing is not open; open it by: sdz pair")


class PairingCodeWrong(ServiceError):
    """Not the code that ``sdz pair`` shows; ``left`` tries are left."""

    code = "pairing-code-wrong"

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(f"that is not the code; {left} tries left")


class RequestError(ServiceError):
    """What was sent cannot be taken."""

    code = "bad-request"


class NoSuchRoute(RequestError):
    """There is nothing at this path."""

    code = "no-such-route"

    def __init__(self) -> None:
        super().__init__("there is nothing at this path; see /openapi.json")


class MethodRefused(RequestError):
    """This path takes other methods: ``allowed``."""

    code = "method-refused"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(f"this path takes {' or '.join(allowed)}")


class WrongContentType(RequestError):
    """The body is declared as ``found``; one of ``expected`` is wanted."""

    code = "wrong-content-type"

    def __init__(self, expected: tuple[str, ...], found: str | None) -> None:
        self.expected, self.found = expected, found
        super().__init__(f"content type expected {' or '.join(expected)}, found {found or 'none'}")


class BodyTooLarge(RequestError):
    """The body has more than ``limit`` bytes."""

    code = "body-too-large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the body is larger than {limit} bytes (service.body_limit)")


class BodyTooSlow(RequestError):
    """The body did not arrive within ``limit_s`` seconds."""

    code = "body-too-slow"

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"the body did not arrive within {limit_s:g} s")


class BadBody(RequestError):
    """The body is not what the route takes. ``reason`` says why."""

    code = "bad-body"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the body cannot be used: {reason}")


class NotAcceptable(RequestError):
    """The Accept header allows none of the ``offered`` types."""

    code = "not-acceptable"

    def __init__(self, offered: tuple[str, ...]) -> None:
        self.offered = offered
        super().__init__(f"there is an answer as {', '.join(offered)}, but Accept allows none")


class NoSuchJob(RequestError):
    """No job has this ``job`` id, or it ended long ago."""

    code = "no-such-job"

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__("there is no such job")


class NoSuchWatch(RequestError):
    """No watched folder has this ``watch`` id."""

    code = "no-such-watch"

    def __init__(self, watch: str) -> None:
        self.watch = watch
        super().__init__("there is no such watched folder; see: sdz watch status")


class NoSuchClient(RequestError):
    """No client has this ``name`` or id."""

    code = "no-such-client"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no client is called {name!r}; see: sdz clients")


class TooManyRequests(ServiceError):
    """As many requests, or bytes of bodies, as are allowed are under way."""

    code = "too-many-requests"

    def __init__(self, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__("too many requests are under way; try again in a moment")


class TookTooLong(ServiceError):
    """There was no answer within ``limit_s`` seconds; the work was given up."""

    code = "took-too-long"

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"no answer within {limit_s:g} s (service.request_timeout)")


class Draining(ServiceError):
    """The daemon is shutting down."""

    code = "draining"

    def __init__(self) -> None:
        super().__init__("the daemon is shutting down")


class InternalError(ServiceError):
    """A mistake in the daemon; its log names it under the ``request`` id."""

    code = "service-error"

    def __init__(self, request: str) -> None:
        self.request = request
        super().__init__(f"the daemon made a mistake; its log has it under {request}")


# --- reaching the daemon --------------------------------------------------------------------


class DaemonError(SdzError):
    """The daemon cannot be started, reached or trusted."""

    code = "daemon-error"


class NoFreePort(DaemonError):
    """None of the ports from ``first`` to ``last`` is free."""

    code = "no-free-port"

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        super().__init__(f"no port from {first} to {last} is free; name another with --port")


class DaemonNotRunning(DaemonError):
    """No daemon of this user is running."""

    code = "daemon-not-running"

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        why = f" ({reason})" if reason else ""
        super().__init__(f"the daemon is not running{why}; start it by: sdz serve")


class DaemonUnproven(DaemonError):
    """What answers at ``url`` cannot prove that it is this user's daemon."""

    code = "daemon-unproven"

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"what answers at {url} is not this user's daemon, so it was told nothing; "
            "start the daemon again by: sdz serve"
        )


class DaemonRefused(DaemonError):
    """The daemon answered with a problem. ``code`` is the problem's, ``detail`` its words."""

    code = "daemon-refused"

    def __init__(self, code: str, detail: str) -> None:
        self.code = code  # type: ignore[misc]
        self.detail = detail
        super().__init__(detail)


class BadOption(SdzError):
    """``option`` should be ``expected`` but is ``found``."""

    code = "bad-option"

    def __init__(self, option: str, expected: str, found: object) -> None:
        self.option, self.expected, self.found = option, expected, found
        super().__init__(f"{option}: expected {expected}, found {found}")


# --- the installation -----------------------------------------------------------------------


class KernelMissing(SdzError, ImportError):
    """The compiled entropy coder ``where`` cannot be used. ``reason`` says why."""

    code = "kernel-missing"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(
            f"the entropy coder {where} {reason}; build it by: pip install -e . "
            "(in the project's folder), or install sdz anew: pip install --force-reinstall sdz"
        )
