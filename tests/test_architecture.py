"""The shape of the suite: layers, direction of dependencies, documented public names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")
PURE_PACKAGES = (
    "onep_marketplace_connectors/clients",
    "onep_margin/engine",
    "onep_sourcing/channels",
    "onep_sourcing/ingest",
    "onep_sourcing/planning",
)
# Who may import whom, addon by addon.
ALLOWED = {
    "onep_marketplace_connectors": set(),
    "onep_margin": set(),
    "onep_sourcing": {"onep_marketplace_connectors", "onep_margin"},
}
DRAWER_NAMES = {"utils", "util", "common", "misc", "helpers", "tools"}


def python_files(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "tests" not in path.parts)


def imported_modules(path):
    """Absolute dotted names a file imports, relative ones resolved from the repository root."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.module
                continue
            base = package[: len(package) - node.level + 1]
            if len(package) < node.level - 1:
                raise AssertionError(f"{path}: import above the repository root")
            dotted = ".".join([*base, *([node.module] if node.module else [])])
            yield dotted
            yield from (f"{dotted}.{alias.name}".lstrip(".") for alias in node.names)


def addons_of(path):
    for name in imported_modules(path):
        for part in name.split("."):
            if part in ADDONS:
                yield part


@pytest.mark.parametrize("folder", PURE_PACKAGES)
def test_pure_packages_import_no_odoo(folder):
    files = python_files(folder)
    assert files, f"{folder} holds no Python file"
    guilty = [
        str(path.relative_to(ROOT))
        for path in files
        for name in imported_modules(path)
        if name.split(".")[0] == "odoo"
    ]
    assert not guilty


def test_pure_packages_load_where_odoo_cannot_be_imported():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in PURE_PACKAGES
        for path in python_files(folder)
        if path.name != "__init__.py"
    ]
    program = f"""
import sys
sys.modules["odoo"] = None
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from launcher import pure
pure.mount(Path({str(ROOT)!r}))
for name in {modules!r}:
    pure.load(name)
"""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("addon", ADDONS)
def test_dependencies_point_one_way(addon):
    guilty = {
        f"{path.relative_to(ROOT)} → {other}"
        for path in python_files(addon)
        for other in addons_of(path)
        if other != addon and other not in ALLOWED[addon]
    }
    assert not guilty


@pytest.mark.parametrize("addon", ADDONS)
def test_manifests_depend_one_way(addon):
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text(encoding="utf-8"))
    own = set(manifest["depends"]) & set(ADDONS)
    assert own <= ALLOWED[addon]
    if addon == "onep_sourcing":
        assert own == ALLOWED[addon]
    assert manifest["license"] == "AGPL-3"


@pytest.mark.parametrize("folder", [*PURE_PACKAGES, *(f"{addon}/sql" for addon in ADDONS)])
def test_public_names_have_docstrings(folder):
    missing = []
    for path in python_files(folder):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name != "__init__.py" and not ast.get_docstring(tree):
            missing.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not missing


def test_no_drawer_files():
    guilty = [
        str(path.relative_to(ROOT))
        for folder in (*ADDONS, "tests", "launcher")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.stem in DRAWER_NAMES
    ]
    assert not guilty


@pytest.mark.parametrize("addon", ADDONS)
def test_odoo_s_own_runner_finds_every_test(addon):
    folder = ROOT / addon / "tests"
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    listed = {alias.name for node in ast.walk(tree) for alias in getattr(node, "names", ())}
    assert {path.stem for path in folder.glob("test_*.py")} - listed == set()


@pytest.mark.parametrize("addon", ADDONS)
def test_each_model_file_holds_one_model(addon):
    crowded = {}
    for path in sorted((ROOT / addon / "models").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        models = [
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and any(ast.unparse(base).startswith("models.") for base in node.bases)
        ]
        if len(models) > 1:
            crowded[str(path.relative_to(ROOT))] = models
    assert not crowded
