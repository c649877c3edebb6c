"""Lets these tests import the second reader, the runner of snippets and the slow coder by name."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "entropy")]
