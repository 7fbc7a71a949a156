# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which tests run, in how many processes; pure packages; translations."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from launcher import (
    commands,
    testing,
)
from launcher.settings import Settings

from .entry import ROOT


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-k", "tests"], False),
        (["-k", "automap", "-x"], False),
        (["tests"], True),
        (["-q", "tests/launcher/test_script.py::test_x"], True),
        (["--maxfail", "1"], False),
        (["no/such/file.py"], False),
        ([], False),
    ],
)
def test_arguments_that_name_a_target(words, named):
    assert testing.has_target(ROOT, words) is named


@pytest.mark.parametrize(
    ("cpus", "environ", "arguments", "lanes"),
    [
        (2, {}, ["-x"], [("a", "c"), ("tests",)]),
        (1, {}, [], [("c", "a", "tests")]),
        (2, {"ONEP_TEST_LANES": "1"}, [], [("c", "a", "tests")]),
        (2, {}, ["c"], [()]),
    ],
)
def test_all_tests_run_in_two_processes(tmp_path, monkeypatch, cpus, environ, arguments, lanes):
    for name in ("a", "c", "tests"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(testing, "LANES", (("a", "b"), ("tests",)))
    monkeypatch.setattr(testing.os, "cpu_count", lambda: cpus)
    made = Settings.from_environ(ROOT, {"ONEP_STATE": str(tmp_path / "state"), **environ})
    settings = replace(made, root=tmp_path, addons=("c", "a"))
    assert testing.split(settings, arguments) == lanes


def test_each_test_process_has_its_own_redis():
    env = {"ONEP_REDIS_URL": "redis://127.0.0.1:6379/0", "ONEP_SECRET_KEY": "x"}
    assert testing.environment_of(env, 0) == {"ONEP_REDIS_URL": "redis://127.0.0.1:6379/0"}
    assert testing.environment_of(env, 1) == {"ONEP_REDIS_URL": "redis://127.0.0.1:6379/1"}


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 0], 0), ([0, 1], 1), ([5, 0], 0), ([2, 1], 2), ([5, 5], 5)]
)
def test_one_exit_code_for_several_test_processes(codes, code):
    assert testing.outcome(codes) == code


def test_the_other_process_is_shown_to_its_end(tmp_path, capsys):
    log = tmp_path / "test-2.log"
    code = (
        "import time; print('one', flush=True); time.sleep(0.7); print('two'); raise SystemExit(3)"
    )
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=stream)
    assert testing.show(log, process) == 3
    assert capsys.readouterr().out == "one\ntwo\n"


def test_bench_says_when_it_needs_no_database(tmp_path):
    folder = tmp_path / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "margin_bench.py").write_text("NEEDS_DATABASE = False\n")
    (folder / "import.py").write_text("import os\n")
    assert commands.needs_database(tmp_path, "margin") is False
    assert commands.needs_database(tmp_path, "import") is True
    assert commands.needs_database(tmp_path, "other") is True


def test_pure_mount_runs_no_addon_init_and_imports_no_odoo(tmp_path):
    for addon, package in (("onep_sourcing", "ingest"), ("onep_marketplace_connectors", "clients")):
        folder = tmp_path / addon / package
        folder.mkdir(parents=True)
        (tmp_path / addon / "__init__.py").write_text("import odoo\n")
        (folder / "__init__.py").write_text("")
    clients = tmp_path / "onep_marketplace_connectors" / "clients"
    (clients / "gtin.py").write_text("DIGITS = 14\n")
    (tmp_path / "onep_sourcing" / "ingest" / "preview.py").write_text(
        "from ...onep_marketplace_connectors.clients import gtin\n"
        "def main(argv):\n    print(gtin.DIGITS, argv)\n    return 3\n"
    )
    code = (
        "import sys; from pathlib import Path; from launcher import pure\n"
        f"pure.mount(Path({str(tmp_path)!r}))\n"
        "code = pure.main(['onep_sourcing.ingest.preview', 'a.csv'])\n"
        "assert 'odoo' not in sys.modules\nsys.exit(code)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.stdout == "14 ['a.csv']\n", told.stderr
    assert told.returncode == 3


def test_real_pure_modules_load_without_odoo():
    modules = [
        f"{addon}.{package}.{path.stem}"
        for addon, package in (
            ("onep_marketplace_connectors", "clients"),
            ("onep_margin", "engine"),
            ("onep_sourcing", "ingest"),
        )
        for path in sorted((ROOT / addon / package).glob("*.py"))
        if path.stem != "__init__"
    ]
    code = (
        "import sys; from launcher import pure\n"
        "for name in sys.argv[1:]: pure.load(name)\n"
        "assert 'odoo' not in sys.modules, 'a pure package imports odoo'\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_terms_of_a_mixin_go_to_the_addon_of_the_model(tmp_path):
    """A run's states on a model of a later addon are loaded with that addon, or not at all."""
    polib = pytest.importorskip("polib")
    from launcher import translations

    def write(addon, *terms):
        file = polib.POFile()
        for msgid, *places in terms:
            occurrences = [(place, "0") for place in places]
            file.append(polib.POEntry(msgid=msgid, occurrences=occurrences))
        file.save(str(tmp_path / f"{addon}.pot"))
        return tmp_path / f"{addon}.pot"

    selection = "model:ir.model.fields.selection,name:low.selection__{}__state__done"
    templates = {
        "low": write(
            "low",
            ("Run", "model:ir.model,name:low.model_low_run"),
            ("Done", selection.format("low_run"), selection.format("top_import")),
            ("Held", selection.format("top_import")),
        ),
        "top": write(
            "top",
            ("Import", "model:ir.model,name:top.model_top_import"),
            ("Weight", "model:ir.model.fields,field_description:top.field_low_run__weight"),
        ),
    }
    translations.give_to_owners(templates)
    found = {
        addon: {
            entry.msgid: [place for place, _line in entry.occurrences]
            for entry in polib.pofile(str(path))
        }
        for addon, path in templates.items()
    }
    assert found["low"]["Done"] == [selection.format("low_run")]
    assert "Held" not in found["low"]
    assert found["top"]["Done"] == found["top"]["Held"] == [selection.format("top_import")]
    assert "Weight" in found["top"], "a later addon's field on an earlier model stays"
