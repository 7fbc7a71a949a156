# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo market: the simulated marketplaces of tests/simulator, on loopback."""

from __future__ import annotations

from .console import Console, StepFailed
from .odoo_server import wait_for_http
from .processes import Processes
from .settings import LOOPBACK, Ports, Settings

HEALTH = "/_health"
#: the market moves four times an hour, from the figures of the demo on
TICK_S = 900


def is_available(settings: Settings) -> bool:
    """Return whether this clone has the simulator."""
    return (settings.root / "tests" / "simulator" / "__main__.py").exists()


def connect(settings: Settings, console: Console, processes: Processes, ports: Ports) -> str | None:
    """Return the demo market's base URL, starting it when it does not run."""
    running = processes.read("market")
    if running:
        return f"http://{LOOPBACK}:{running.port}"
    if not is_available(settings):
        return None
    with console.step("Demo market (simulated marketplaces)") as step:
        port = ports.get("market")
        log = settings.log("market")
        url = f"http://{LOOPBACK}:{port}"
        process = processes.start(
            "market",
            [
                *(settings.python, "-m", "tests.simulator", "--port", str(port)),
                *("--tick-seconds", str(TICK_S)),
            ],
            log,
            env=settings.child_environ(),
            cwd=settings.root,
            port=port,
        )
        if not wait_for_http(url + HEALTH, process, 30):
            processes.stop("market")
            raise StepFailed("the demo market did not start", "read the log", log)
        step.note(url)
    return url
