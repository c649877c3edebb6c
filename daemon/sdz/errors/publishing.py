"""A folder cannot be published."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "publishing"


class PublishError(SdzError):
    """Pictures cannot be published there. Nothing that is not ours was touched."""

    code = "publish-failed"


class OutWithin(PublishError):
    """``out`` lies in the folder ``source``, whose pictures are read again by the next run."""

    code = "out-within"
    source: str
    out: str
    sentence = "{out} lies in {source}, which is to be published; name a folder outside of it"


class NotOurs(PublishError):
    """At ``where`` is what this command did not write, or what was changed since."""

    code = "not-ours"
    where: str
    sentence = "{where} is there and is not what sdz publish wrote; move it away"


class LeadsOutside(PublishError):
    """``where`` is reached by a link that leads out of the folder for outputs."""

    code = "leads-outside"
    where: str
    sentence = "{where} would be written outside by a link of a folder; remove the link"


class BadPublished(PublishError):
    """The list of what was published, at ``where``, cannot be read."""

    code = "bad-published"
    where: str
    reason: str
    sentence = "{where} is no list of sdz publish ({reason}); publish into a new folder"


class AlreadyPublishing(PublishError):
    """Another run writes into ``out``: what both made would be mixed."""

    code = "already-publishing"
    out: str
    sentence = "another sdz publish writes into {out}; wait for it, or name another folder"
