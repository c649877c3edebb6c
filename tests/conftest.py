"""What all tests share: one thread for torch, a store of models of their own, drawn pictures."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

# Before any test loads torch. The pictures are small: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts what runs in its background deaf to Ctrl-C, and every child of it: the tests that
# press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Machines are shared: how long an example takes says nothing about the code.
hypothesis.settings.register_profile("sdz", deadline=None)
hypothesis.settings.load_profile("sdz")


@pytest.fixture(autouse=True)
def models_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of models; no test may see the user's."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SDZ_HOME", str(folder))
    return folder
