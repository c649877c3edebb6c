"""The source picture cannot be used."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "codec"


class ImageError(SdzError):
    """The source picture cannot be used."""

    code = "bad-image"


class UnreadableImage(ImageError):
    """Pillow could not read the picture. ``reason`` is its own word."""

    code = "unreadable-image"
    reason: str
    sentence = "not a picture that can be read: {reason}"


class ImageTooLarge(ImageError):
    """``what`` of the picture is ``found``, over ``limit``."""

    code = "image-too-large"
    what: str
    limit: int
    found: int
    sentence = "picture refused: {what} is {found}, the limit is {limit}"


class SeveralFrames(ImageError):
    """The file is an animation or has pages, and only one picture of them would be kept."""

    code = "several-frames"
    sentence = "it has several pictures (an animation or pages), of which only one would be kept"


class NotHeldWhole(ImageError):
    """``what`` of the picture would be left out, though all of it is wanted."""

    code = "not-held-whole"
    what: str
    sentence = "more than a .sdz holds; left out would be {what}"


class ChangedMeanwhile(ImageError):
    """The picture file changed while it was being encoded, so its result would be of neither."""

    code = "changed-meanwhile"
    sentence = "it changed while it was being encoded; encode it again"


class FolderGiven(ImageError):
    """A folder was named where a picture should be."""

    code = "folder-given"
    sentence = "it is a folder; name the pictures in it, or use --recursive"
