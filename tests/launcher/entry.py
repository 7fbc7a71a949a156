# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The entry script, run as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def onep(*words, **environ):
    """Run the entry script as a person would; returns the finished process."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ}
    return subprocess.run(
        [sys.executable, ROOT / "onep", *words],
        capture_output=True,
        text=True,
        env=env,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
