# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``python -m launcher.lint``, in the project's virtual environment."""

import sys
from pathlib import Path

from . import main

sys.exit(main(Path(__file__).resolve().parents[2], sys.executable, sys.argv[1:]))
