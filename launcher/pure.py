# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The addons' pure packages, importable without Odoo.

An addon's own ``__init__`` imports its models, hence Odoo. Here the addons are mounted as
packages of a synthetic parent, ``onep_pure``, whose ``__init__`` files are not run:

    from launcher import pure
    preview = pure.load("onep_sourcing.ingest.preview")

Relative imports work as they do under ``odoo.addons``, from one addon to another too
(``from ...onep_marketplace_connectors.clients import gtin``). What imports odoo fails with
a ModuleNotFoundError of this module's words, unless Odoo is imported already.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

PARENT = "onep_pure"
ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")
ROOT = Path(__file__).resolve().parent.parent


def _package(name: str, folder: Path) -> ModuleType:
    """Return a package of a folder without running its __init__."""
    module = ModuleType(name, f"Mounted from {folder.name} without its __init__.")
    module.__path__ = [str(folder)]
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = module.__path__
    module.__spec__ = spec
    module.__package__ = name
    return module


def mount(root: Path = ROOT) -> ModuleType:
    """Mount the addons of a clone as ``onep_pure``; returns the parent package.

    Safe to repeat. Mounting another root forgets what was loaded from the former one.
    """
    root = Path(root).resolve()
    known = sys.modules.get(PARENT)
    if known is not None:
        if list(known.__path__) == [str(root)]:
            return known
        for name in [n for n in sys.modules if n == PARENT or n.startswith(PARENT + ".")]:
            del sys.modules[name]
    parent = _package(PARENT, root)
    sys.modules[PARENT] = parent
    for addon in ADDONS:
        module = _package(f"{PARENT}.{addon}", root / addon)
        sys.modules[module.__name__] = module
        setattr(parent, addon, module)
        # Its tests too: what they compare the engines with serves the benches.
        tests = _package(f"{module.__name__}.tests", root / addon / "tests")
        sys.modules[tests.__name__] = tests
        module.tests = tests
    return parent


def load(dotted: str, root: Path | None = None) -> ModuleType:
    """Import a pure module by its path from the root, for example
    ``onep_sourcing.ingest.preview``; mounts the addons first when needed.
    """
    if root is not None or PARENT not in sys.modules:
        mount(root or ROOT)
    return importlib.import_module(f"{PARENT}.{dotted}")


def main(arguments: Sequence[str]) -> int:
    """Run ``main(argv)`` of a pure module: ``python -m launcher.pure MODULE ARG …``."""
    module, *rest = arguments
    return int(load(module).main(list(rest)) or 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
