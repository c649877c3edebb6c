"""Who may use a route. What that takes is the business of ``access/``."""

from __future__ import annotations

import enum


class Access(enum.Enum):
    """Who may use a route."""

    OPEN = "open"
    PAIRING = "pairing"
    """open to those who hold the pairing code"""
    CLIENT = "client"
    LOCAL = "local"
    """the user's own command line and dashboard alone"""
    TOKEN = "token"
    """the user's own command line alone"""
    PAGE = "page"
    """the files of the dashboard: as LOCAL, but its cookie is enough"""

    @property
    def is_anybodys(self) -> bool:
        """Whether no token is asked for."""
        return self in (Access.OPEN, Access.PAIRING)
