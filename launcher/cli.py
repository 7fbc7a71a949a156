# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The command line of ./onep."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .commands import COMMANDS, Interrupted, Session
from .console import Console, StepFailed
from .settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ON_STDERR = frozenset({"preview", "shell", "lint", "bench"})
"""Commands whose standard output belongs to what they run."""

USAGE = """\
1UP Sourcing

  ./onep run [--reset]        set up what is missing, start the demo, stay in front
                              (--reset makes the demo database anew)
  ./onep test [pytest args]   set up and test: ./onep test -k automap, ./onep test onep_margin
  ./onep bench [name] [args]  measure and print a table, then one JSON line a figure
  ./onep preview FILE [--json]
                              read a supplier file and show what would come of it;
                              nothing is saved, no database is needed
  ./onep shell                Odoo's Python shell on the demo database
  ./onep lint                 style, addon, data file and licence checks
  ./onep i18n                 bring the translation files to the addons' present terms
  ./onep stop                 end everything this copy has started
  ./onep help                 this text

Variables, all optional:
  ONEP_STATE   folder of all that is made at run time          (.onep)
  ONEP_PORT    web port; the other ports are derived from it   (8069)
  ONEP_HOST    address the web server listens on               (127.0.0.1)
  ONEP_DB      name of the demo database                       (onep)
  ONEP_ADMIN_PASSWORD   the demo administrator's password, needed when ONEP_HOST is public
  ODOO_HOME    an Odoo 19 source tree to use instead of fetching one
  PGHOST, PGPORT, PGUSER, PGPASSWORD …   a PostgreSQL to use instead of a private one
  ONEP_REDIS_URL        a Redis to use instead of a private one
  ONEP_NO_BROWSER=1     test without the tests that need a browser
  ONEP_TEST_LANES=1     all tests in one process after another, not in two at once
  ONEP_CHANNELS         queue_job channels of the jobs process (root:4)
  ONEP_PYTHON           the Python 3.11 to 3.13 to use
  ONEP_DEBIAN_MIRROR    Debian mirror to take Odoo from, where apt's own is none
"""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns its exit code."""
    name, *rest = arguments or ["help"]
    if name in ("help", "-h", "--help"):
        print(USAGE, end="")
        return 0
    if name not in COMMANDS:
        print(f"./onep does not know {name!r}.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    console = Console(sys.stderr if name in ON_STDERR else sys.stdout)
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        settings = Settings.from_environ(ROOT, dict(os.environ))
        settings.prepare_state()
        return COMMANDS[name](Session(settings, console), rest)
    except StepFailed as error:
        console.failure(error)
        return 1
    except (Interrupted, KeyboardInterrupt):
        console.say()
        console.say("Interrupted; what was done so far is kept and not done again.")
        return 130


def _interrupt(number: int, _frame: object) -> None:
    raise Interrupted(number)
