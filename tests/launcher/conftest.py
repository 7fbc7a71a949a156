# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tests of the entry script share."""

from __future__ import annotations

import io

import pytest

from launcher.console import Console
from launcher.processes import Processes
from launcher.settings import Settings

from .entry import ROOT


@pytest.fixture
def settings(tmp_path):
    made = Settings.from_environ(ROOT, {"ONEP_STATE": str(tmp_path / "state"), "PATH": "/bin"})
    made.prepare_state()
    return made


@pytest.fixture
def console():
    return Console(io.StringIO())


@pytest.fixture
def processes(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    return Processes(folder)
