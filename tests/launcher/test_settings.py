# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Settings, ports and stamps: where things are, what is up to date."""

from __future__ import annotations

import io
import os
import socket
import threading

import pytest

from launcher import (
    stamps,
)
from launcher.console import Console, StepFailed
from launcher.settings import Ports, Settings, is_free

from .entry import ROOT


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("ONEP_PORT", "http", "ONEP_PORT"),
        ("ONEP_PORT", "80", "1024"),
        ("ONEP_DB", "My Base", "lower case"),
    ],
)
def test_unusable_variables_are_refused(variable, value, word):
    with pytest.raises(StepFailed) as caught:
        Settings.from_environ(ROOT, {variable: value})
    assert word in caught.value.message + caught.value.advice
    assert caught.value.advice


def test_state_folder_defaults_to_the_clone():
    assert Settings.from_environ(ROOT, {}).state == ROOT / ".onep"


def test_a_state_inside_another_tree_ignores_itself(settings):
    assert (settings.state / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(("host", "public"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_public_host(host, public):
    assert Settings.from_environ(ROOT, {"ONEP_HOST": host}).is_public is public


def test_ports_are_derived_from_the_web_port(tmp_path):
    ports = Ports(tmp_path / "ports.json", 9000, free=lambda port: True)
    names = ("gevent", "jobs", "market", "postgres", "redis")
    assert [ports.get(name) for name in names] == [9001, 9002, 9003, 9004, 9005]


def test_ports_step_over_those_in_use_and_are_remembered(tmp_path):
    path = tmp_path / "ports.json"
    taken = {9004, 9014}
    assert Ports(path, 9000, free=lambda port: port not in taken).get("postgres") == 9024
    # the other program is gone: addresses stay what they were
    assert Ports(path, 9000, free=lambda port: True).get("postgres") == 9024
    # another program took ours meanwhile
    assert Ports(path, 9000, free=lambda port: port != 9024).get("postgres") == 9004
    # another web port is another copy of the range
    assert Ports(path, 9500, free=lambda port: True).get("postgres") == 9504


def test_two_copies_side_by_side_share_no_port(tmp_path):
    taken = {9000, 9001}
    used = []
    for copy, base in (("a", 9000), ("b", 9001)):
        ports = Ports(tmp_path / f"{copy}.json", base, free=lambda port: port not in taken)
        for name in ("gevent", "jobs", "market", "postgres", "redis"):
            port = ports.get(name)
            taken.add(port)
            used.append(port)
    assert len(set(used)) == 10
    assert not {9000, 9001} & set(used)


def test_no_free_port_says_what_to_do(tmp_path):
    with pytest.raises(StepFailed, match="no free port") as caught:
        Ports(tmp_path / "ports.json", 9000, free=lambda port: False).get("redis")
    assert "ONEP_PORT" in caught.value.advice


def test_is_free_sees_a_listening_server():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_children_see_a_clean_environment(tmp_path):
    environ = {
        "ONEP_STATE": str(tmp_path),
        "PATH": "/bin",
        "http_proxy": "http://proxy:3128",
        "no_proxy": "example.org",
        "AWS_ENV": "SANDBOX",
        "SP_API_DEFAULT_MARKETPLACE": "US",
        "PGDATABASE": "mine",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_TRIM_THRESHOLD_": "1000",
    }
    settings = Settings.from_environ(ROOT, environ)
    settings.prepare_state()
    env = settings.child_environ({"PGPORT": "1"})
    assert env["no_proxy"] == "example.org,127.0.0.1,localhost,::1"
    assert env["NO_PROXY"] == "127.0.0.1,localhost,::1"
    assert env["PYTHONPATH"] == str(ROOT)
    assert env["PGPORT"] == "1"
    assert int(env["MALLOC_MMAP_THRESHOLD_"]) > 100_000 * 8, "a column of a page of deals is kept"
    assert env["MALLOC_TRIM_THRESHOLD_"] == "1000", "whoever set it knows better"
    left_out = {"AWS_ENV", "SP_API_DEFAULT_MARKETPLACE", "PGDATABASE", "PYTHONDONTWRITEBYTECODE"}
    assert not left_out & set(env)


def test_secret_key_is_kept_and_private(settings):
    key = settings.secret_key()
    assert settings.secret_key() == key
    assert len(key) == 44
    assert (settings.state / "secret.key").stat().st_mode & 0o077 == 0


def test_set_up_is_done_by_one_command_at_a_time(settings):
    order, said = [], io.StringIO()
    holding, done = threading.Event(), threading.Event()

    def first():
        with settings.lock(Console(io.StringIO())):
            holding.set()
            done.wait(10)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    holding.wait(10)
    threading.Timer(0.2, done.set).start()
    with settings.lock(Console(said)):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert "waiting" in said.getvalue()


@pytest.fixture
def addon(tmp_path):
    folder = tmp_path / "my_addon"
    for name, text in {
        "__manifest__.py": "{'depends': ['purchase', 'other_addon']}",
        "models/thing.py": "a = 1",
        "static/tests/tour.js": "tour",
        "tests/test_thing.py": "b = 1",
        "readme/USAGE.md": "c",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("models/thing.py", True),
        ("static/tests/tour.js", True),
        ("i18n/fr.po", True),
        ("tests/test_thing.py", False),
        ("readme/USAGE.md", False),
        ("models/__pycache__/thing.py", False),
    ],
)
def test_addon_hash_follows_what_a_database_depends_on(addon, name, counts):
    before = stamps.addon_hash(addon)
    (addon / name).parent.mkdir(parents=True, exist_ok=True)
    (addon / name).write_text("changed")
    assert (stamps.addon_hash(addon) != before) is counts


def test_addon_hash_ignores_where_the_clone_is_and_when(addon, tmp_path):
    before = stamps.addon_hash(addon)
    os.utime(addon / "models/thing.py", (1, 1))
    moved = addon.rename(tmp_path / "elsewhere")
    assert stamps.addon_hash(moved) == before


def test_outside_dependencies_are_those_of_others(addon, tmp_path):
    (tmp_path / "other_addon").mkdir()
    (tmp_path / "other_addon" / "__manifest__.py").write_text("{'depends': ['mail']}")
    found = stamps.outside_dependencies(tmp_path, ["my_addon", "other_addon"])
    assert found == ["mail", "purchase"]


def test_damaged_stamp_is_no_stamp(tmp_path):
    path = tmp_path / "stamp.json"
    path.write_text("{half")
    assert stamps.read_json(path) == {}
    stamps.write_json(path, {"a": 1})
    assert stamps.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]
