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
    │   ├── LimitExceeded      larger than this reader accepts
    │   └── TooMuchWork        asks for more than its bytes can be worth
    ├── ImageError             the source picture cannot be used
    │   ├── UnreadableImage
    │   ├── ImageTooLarge
    │   ├── SeveralFrames
    │   ├── NotHeldWhole
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
    │   ├── TooCostly
    │   └── DeviceMissing
    ├── OutputError            the result has nowhere to go
    │   └── OutputExists
    │       └── OutputStale
    ├── BatchError             many pictures on many machines cannot be done
    │   ├── PlaceUnusable
    │   ├── BadManifest
    │   └── ClusterFailed
    ├── PublishError           a folder cannot be published
    │   ├── OutWithin
    │   ├── NotOurs
    │   ├── LeadsOutside
    │   ├── BadPublished
    │   └── AlreadyPublishing
    ├── WatchError             a folder cannot be watched, or a file in it not replaced
    │   ├── FolderUnfit
    │   ├── FolderWatched
    │   ├── BadJournal
    │   ├── SourceChanged
    │   ├── SourceUnfinished
    │   ├── SourceTooLarge
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
    ├── ExtraMissing           what only some need is not installed (also an ImportError)
    ├── KernelMissing          a compiled library is not there (also an ImportError)
    └── BadStatistics          what a model brings for the coder is not what it must be

Each class carries its facts as attributes (what was expected, what was found) and a stable
``code`` that other programs may rely on; ``str(error)`` says what is wrong and what to do. All
have their address here; a family has its file, which names the lowest floor that raises it.
"""

from sdz.errors.base import BY_CODE as BY_CODE
from sdz.errors.base import SdzError as SdzError
from sdz.errors.base import code_of as code_of
from sdz.errors.batch import *
from sdz.errors.config import *
from sdz.errors.daemon import *
from sdz.errors.encode import *
from sdz.errors.engine import *
from sdz.errors.extra import *
from sdz.errors.format import *
from sdz.errors.guard import *
from sdz.errors.image import *
from sdz.errors.kernel import *
from sdz.errors.model import *
from sdz.errors.option import *
from sdz.errors.output import *
from sdz.errors.publishing import *
from sdz.errors.service import *
from sdz.errors.watch import *
