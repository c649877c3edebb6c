"""Pillow opens and saves ``.sdz`` files once this package is imported; ``plugin`` says how."""

from sdz.pillow.plugin import SdzImageFile

__all__ = ["SdzImageFile"]
