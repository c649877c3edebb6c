"""The settings cannot be used."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "config"


class ConfigError(SdzError):
    """The settings cannot be used."""

    code = "bad-config"


class UnknownSetting(ConfigError):
    """``where`` sets ``key``, which does not exist; ``nearest`` is the one most like it."""

    code = "unknown-setting"
    where: str
    key: str
    nearest: str | None
    sentence = "{where}: there is no setting {key}{_hint}"

    @property
    def _hint(self) -> str:
        return f"; did you mean {self.nearest}?" if self.nearest else "; see: sdz config show"


class BadSetting(ConfigError):
    """``where`` sets ``key`` to ``found``, which should be ``expected``."""

    code = "bad-setting"
    where: str
    key: str
    expected: str
    found: object
    sentence = "{where}: {key}: expected {expected}, found {found!r}"
