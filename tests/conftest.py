# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tests outside the addons share: the clone's root, the demo market, pure modules."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone's root."""
    return ROOT


@pytest.fixture(scope="session")
def pure():
    """``pure("onep_margin.engine.margin")``: a pure module, imported without its addon."""
    from launcher import pure as launcher_pure

    def load(dotted: str) -> ModuleType:
        return launcher_pure.load(dotted)

    return load


@pytest.fixture(scope="session")
def market_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a demo market: the one ``./onep test`` started, else one of our own."""
    given = os.environ.get("ONEP_MARKET_URL")
    if given:
        yield given
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("market") / "market.log"
    command = [sys.executable, "-m", "tests.simulator", "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(200):
            if process.poll() is not None:
                pytest.fail(f"the demo market ended: {log.read_text()[-2000:]}")
            try:
                urllib.request.urlopen(f"{url}/_health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)
