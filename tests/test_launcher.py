# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The entry script: ports, stamps, processes, refusals. Nothing here leaves this machine."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from launcher import (
    commands,
    environment,
    odoo_server,
    odoo_source,
    postgres,
    stamps,
    system,
    testing,
)
from launcher.console import Console, StepFailed, run_logged
from launcher.processes import Processes, boot_id, start_time
from launcher.settings import Ports, Settings, is_free

ROOT = Path(__file__).resolve().parent.parent


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


# -- the script itself ---------------------------------------------------------------------


def load_script():
    loader = importlib.machinery.SourceFileLoader("onep_script", str(ROOT / "onep"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("onep_script", loader))
    loader.exec_module(module)
    return module


def test_script_is_readable_by_old_pythons():
    ast.parse((ROOT / "onep").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_script_supports_three_pythons():
    script = load_script()
    answers = [script.supported((3, minor)) for minor in range(10, 15)]
    assert answers == [False, True, True, True, False]


def test_old_python_is_told_what_to_do(monkeypatch, capsys):
    monkeypatch.setenv("_ONEP_REEXEC", "1")
    assert load_script().run_with_another_python() == 2
    told = capsys.readouterr().err
    assert "needs Python 3.11, 3.12 or 3.13" in told
    assert "ONEP_PYTHON" in told


def test_launcher_needs_only_the_standard_library():
    inside = {"database_tool", "odoo_env", "demo_story", "warm_assets", "translations"}
    for path in (ROOT / "launcher").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = tree.body if path.stem in inside - {"database_tool"} else ast.walk(tree)
        for node in nodes:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                if path.stem == "database_tool" and top == "psycopg2":
                    continue
                assert top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_help_and_unknown_command(tmp_path):
    told = onep("help", ONEP_STATE=str(tmp_path))
    assert told.returncode == 0
    for name in commands.COMMANDS:
        assert f"./onep {name}" in told.stdout
    unknown = onep("rnu", ONEP_STATE=str(tmp_path))
    assert unknown.returncode == 2
    assert "does not know 'rnu'" in unknown.stderr


# -- settings and ports --------------------------------------------------------------------


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
    }
    settings = Settings.from_environ(ROOT, environ)
    settings.prepare_state()
    env = settings.child_environ({"PGPORT": "1"})
    assert env["no_proxy"] == "example.org,127.0.0.1,localhost,::1"
    assert env["NO_PROXY"] == "127.0.0.1,localhost,::1"
    assert env["PYTHONPATH"] == str(ROOT)
    assert env["PGPORT"] == "1"
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


# -- stamps --------------------------------------------------------------------------------


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


# -- processes -----------------------------------------------------------------------------


def start_family(processes, tmp_path, name="web"):
    """Start a server that has a child; returns the child's process id."""
    told = tmp_path / f"{name}.child"
    code = f"sleep 300 & echo $! > {told}; wait"
    env = {"PATH": os.environ["PATH"]}
    log = tmp_path / "log"
    processes.start(name, ["/bin/sh", "-c", code], log, env=env, cwd=tmp_path, port=7)
    for _attempt in range(100):
        if told.exists() and told.read_text().strip():
            return int(told.read_text())
        time.sleep(0.02)
    raise AssertionError("the child did not start")


def test_stop_ends_a_server_and_its_children(processes, tmp_path):
    child = start_family(processes, tmp_path)
    record = processes.read("web")
    assert record.port == 7
    assert processes.stop("web") is True
    assert start_time(record.pid) is None
    assert start_time(child) is None
    assert processes.stop("web") is False


def test_stop_kills_what_does_not_listen(processes, tmp_path):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    command = [sys.executable, "-c", code]
    process = processes.start("web", command, tmp_path / "log", env={}, cwd=tmp_path)
    time.sleep(0.4)
    assert processes.stop("web", patience=0.3) is True
    assert start_time(process.pid) is None


def test_a_process_id_given_to_another_program_is_left_alone(processes):
    stranger = subprocess.Popen(["sleep", "300"])
    try:
        record = processes.remember("web", stranger.pid)
        path = processes.folder / "web.json"
        for change in ({"started": record.started - 1}, {"boot": "another boot"}):
            path.write_text(json.dumps({**record.__dict__, **change}))
            assert processes.stop("web") is False
            assert stranger.poll() is None
            assert not path.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_dead_process_is_forgotten(processes):
    process = subprocess.Popen(["true"])
    time.sleep(0.2)
    assert processes.remember("redis", process.pid) is None  # a zombie is no server
    process.wait()
    assert processes.living() == {}


def test_services_end_in_the_order_of_their_use(processes, tmp_path):
    for name in ("postgres", "web", "market", "jobs", "redis"):
        env = {"PATH": os.environ["PATH"]}
        processes.start(name, ["sleep", "300"], tmp_path / "log", env=env, cwd=tmp_path)
    assert processes.stop_services() == ["jobs", "web", "market", "redis", "postgres"]


def test_stop_after_the_front_process_was_killed(tmp_path):
    """What ./onep run has started ends by ./onep stop even when run itself is gone."""
    state = tmp_path / "state"
    (state / "run").mkdir(parents=True)
    processes = Processes(state / "run")
    child = start_family(processes, tmp_path)
    front = subprocess.Popen(["sleep", "300"])
    processes.remember(f"front-{front.pid}", front.pid, command="run")
    front.send_signal(signal.SIGKILL)
    front.wait()
    told = onep("stop", ONEP_STATE=str(state))
    assert told.returncode == 0, told.stderr
    assert "web stopped" in told.stdout
    assert "ending ./onep run" not in told.stdout
    assert start_time(child) is None
    assert "nothing of this copy is running" in onep("stop", ONEP_STATE=str(state)).stdout


# -- refusals of run -----------------------------------------------------------------------


def test_run_refuses_an_open_demo_with_a_known_password(tmp_path):
    told = onep("run", ONEP_STATE=str(tmp_path / "s"), ONEP_HOST="0.0.0.0")
    assert told.returncode == 1
    assert "ONEP_ADMIN_PASSWORD" in told.stdout


def test_run_refuses_a_port_in_use(tmp_path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        told = onep("run", ONEP_STATE=str(tmp_path / "s"), ONEP_PORT=port)
    assert told.returncode == 1
    assert f"port {port} is used by another program" in told.stdout
    assert "ONEP_PORT=" in told.stdout


def test_run_refuses_a_second_front(tmp_path):
    (tmp_path / "run").mkdir()
    Processes(tmp_path / "run").remember("front-1", os.getpid(), command="run")
    told = onep("run", ONEP_STATE=str(tmp_path))
    assert told.returncode == 1
    assert f"runs already (process {os.getpid()})" in told.stdout


# -- Odoo's source -------------------------------------------------------------------------


def make_odoo(folder, version="(19, 0, 0, FINAL, 0, '')", addons=None):
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"FINAL = 'final'\nversion_info = {version}\n")
    for name in addons or ("base", "web", "purchase_stock", "sale_stock"):
        path = folder / ("odoo/addons" if name == "base" else "addons") / name
        path.mkdir(parents=True)
        (path / "__manifest__.py").write_text("{}")
    return folder


def test_odoo_home_of_a_clone(tmp_path):
    home = make_odoo(tmp_path / "odoo-src")
    source = odoo_source.from_home(home)
    assert source.path == home
    assert source.addons_path == [home / "odoo" / "addons", home / "addons"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "holds no Odoo source"),
        ({"version": "(18, 0, 0, FINAL, 0, '')"}, "is Odoo 18.0"),
        ({"version": "('saas~18', 3, 0, FINAL, 0, '')"}, "is Odoo saas~18.3"),
        ({"addons": ("base", "web")}, "without its standard addons"),
    ],
)
def test_odoo_home_of_something_else_is_refused(tmp_path, made, words):
    if made is not None:
        make_odoo(tmp_path / "home", **made)
    with pytest.raises(StepFailed, match=words) as caught:
        odoo_source.from_home(tmp_path / "home")
    assert "ODOO_HOME" in caught.value.advice or "whole source tree" in caught.value.advice


def nightly(settings, tmp_path, content):
    archive = tmp_path / "nightly.tar.gz"
    if isinstance(content, bytes):
        archive.write_bytes(content)
    else:
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(content, "odoo-19.0.post1")
    environ = {**settings.environ, "ONEP_NIGHTLY_URL": archive.as_uri()}
    return Settings.from_environ(ROOT, environ)


def test_vendor_archive_is_unpacked(settings, tmp_path):
    settings = nightly(settings, tmp_path, make_odoo(tmp_path / "made"))
    path = odoo_source.from_nightly(settings)
    assert path == settings.state / "odoo" / "nightly" / "odoo-19.0.post1"
    assert odoo_source.is_complete(path)


@pytest.mark.parametrize("content", [b"<html>not found</html>", b""])
def test_damaged_vendor_archive_is_refused(settings, tmp_path, content):
    with pytest.raises(StepFailed, match="is damaged"):
        odoo_source.from_nightly(nightly(settings, tmp_path, content))


def test_vendor_archive_writes_nowhere_else(settings, tmp_path):
    archive = tmp_path / "evil.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("../../evil")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(StepFailed, match="is damaged"):
        odoo_source.from_nightly(nightly(settings, tmp_path, archive.read_bytes()))
    assert not list(settings.state.rglob("evil"))


def test_no_way_to_odoo_says_what_to_do(settings, tmp_path, monkeypatch, console):
    monkeypatch.setattr(system.shutil, "which", lambda *args, **options: None)
    settings = nightly(settings, tmp_path, b"")
    with pytest.raises(StepFailed, match="could not be fetched in any way") as caught:
        odoo_source.obtain(settings, console)
    assert "ODOO_HOME" in caught.value.advice
    assert "no apt" in console.stream.getvalue()


@pytest.mark.parametrize(
    ("sources", "mirrors"),
    [
        ({"Origin: Debian": "http://mirror/debian/\n"}, ["http://mirror/debian/"]),
        (
            {"Origin: Ubuntu": "http://mirror/ubuntu/\nhttp://other/pub/ubuntu\nhttp://ppa/x\n"},
            ["http://mirror/debian/", "http://other/pub/debian/"],
        ),
        ({}, []),
    ],
)
def test_debian_mirrors_come_from_the_sources_of_apt(settings, monkeypatch, sources, mirrors):
    def run(command, **_options):
        return Mock(stdout=sources.get(next((x for x in command if "Origin" in x), ""), ""))

    monkeypatch.setattr(odoo_source.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(odoo_source.subprocess, "run", run)
    assert odoo_source.debian_mirrors(settings) == mirrors


def test_a_mirror_that_is_named_is_the_only_one(settings):
    environ = {**settings.environ, "ONEP_DEBIAN_MIRROR": "http://mine/debian"}
    named = Settings.from_environ(ROOT, environ)
    assert odoo_source.debian_mirrors(named) == ["http://mine/debian"]


def test_debian_tree_is_repaired_once(tmp_path):
    path = make_odoo(tmp_path / "root" / "usr" / "lib" / "python3" / "dist-packages")
    (path / "odoo-19.0.egg-info").mkdir()
    for _time in range(2):
        odoo_source.repair_debian_tree(tmp_path / "root")
    assert not list(path.glob("*.egg-info"))
    assert "odoo.cli.main()" in (path / "odoo-bin").read_text()
    assert list(path.glob("odoo/addons/mail/static/lib/selfie_segmentation/*.js"))


def test_private_apt_leaves_the_system_alone(tmp_path):
    words = " ".join(odoo_source.private_apt(tmp_path))
    for option in ("Dir::Etc::SourceList", "Dir::State::Lists", "Dir::Cache"):
        assert f"{option}={tmp_path}" in words
    assert "Dir::Etc::SourceParts=-" in words


# -- the machine and the environment -------------------------------------------------------


def need(name, required, present=False):
    return system.Need(name, ("pkg",), lambda: present, required=required, without="less")


def test_missing_programs_without_root_are_named(settings, console, monkeypatch):
    monkeypatch.setattr(system, "sudo_prefix", lambda: None)
    monkeypatch.setattr(system.shutil, "which", lambda name, **options: f"/usr/bin/{name}")
    monkeypatch.setattr(system, "needs", lambda *args: [need("PostgreSQL", True)])
    with pytest.raises(StepFailed, match="PostgreSQL is missing") as caught:
        system.install(settings, console, ("postgres",))
    assert caught.value.advice == "as root: apt-get install pkg"


def test_what_is_there_is_not_installed(settings, console, monkeypatch):
    monkeypatch.setattr(system, "needs", lambda *args: [need("PostgreSQL", True, present=True)])
    system.install(settings, console, ("postgres",))
    assert console.stream.getvalue() == ""


def test_snap_pointer_is_no_browser(settings, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    pointer = folder / "chromium-browser"
    pointer.write_text("#!/bin/sh\nexec /snap/bin/chromium\n")
    pointer.chmod(0o755)
    monkeypatch.setattr(system, "_path", lambda: str(folder))
    assert system.find_browser(settings) is None
    real = folder / "chromium"
    real.write_bytes(b"\x7fELF")
    real.chmod(0o755)
    assert system.find_browser(settings) == str(real)


def test_stub_satisfies_pip(tmp_path):
    environment.write_stub(tmp_path)
    code = "import importlib.metadata as m; print(m.version('odoo'))"
    env = {"PYTHONPATH": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "19.0"


def test_odoo_command_in_a_very_long_path(settings, monkeypatch):
    source = odoo_source.Source(Path("/somewhere"), "test")
    environment.site_folder(settings).mkdir(parents=True)
    settings.python.parent.mkdir(parents=True)
    environment.link(settings, source)
    first = settings.odoo.read_text()
    assert first.startswith((f"#!{settings.python}\n", "#!/bin/sh\n"))
    deep = Settings.from_environ(ROOT, {"ONEP_STATE": str(settings.state / ("d" * 100))})
    environment.site_folder(deep).mkdir(parents=True)
    deep.python.parent.mkdir(parents=True)
    environment.link(deep, source)
    script = deep.odoo.read_text()
    assert script.startswith("#!/bin/sh\n")
    compile(script, "odoo", "exec")
    deep.python.symlink_to("/bin/echo")
    told = subprocess.run([deep.odoo, "ran"], capture_output=True, text=True, check=True)
    assert told.stdout == f"{deep.odoo} ran\n"


def test_environment_follows_the_pins(settings, monkeypatch, tmp_path):
    first = environment.key(settings)
    (tmp_path / "requirements.txt").write_text("numpy==0\n")
    other = Settings.from_environ(tmp_path, dict(settings.environ))
    assert environment.key(other) != first
    assert not environment.is_ready(other)


# -- PostgreSQL ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PGHOST", "PGPORT", "PGUSER", "PGSERVICE"])
def test_pg_variables_mean_no_private_cluster(name):
    assert Settings.from_environ(ROOT, {name: "x"}).external_postgres
    assert not Settings.from_environ(ROOT, {"PGDATABASE": "x", name: ""}).external_postgres


def test_role_postgres_is_refused():
    with pytest.raises(StepFailed, match="Odoo refuses") as caught:
        postgres.external(Settings.from_environ(ROOT, {"PGUSER": "postgres"}))
    assert "createuser" in caught.value.advice


def test_unreachable_server_is_told_in_its_own_words():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "launcher.database_tool", "ping"]
    told = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 1
    assert "refused" in told.stderr
    assert "Traceback" not in told.stderr


def test_cluster_speaks_on_loopback_only(settings):
    words = postgres.Cluster(settings).options(9004, durable=True)
    assert "listen_addresses=127.0.0.1" in words
    assert "unix_socket_directories=" in words
    assert "fsync=on" in words
    assert "fsync=off" in postgres.Cluster(settings).options(9004, durable=False)


def database_tool(*words):
    command = [sys.executable, "-m", "launcher.database_tool", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not os.environ.get("ONEP_TEST_DB"), reason="needs ./onep test's PostgreSQL")
def test_databases_of_others_are_never_dropped():
    import psycopg2

    name = f"{os.environ['ONEP_TEST_DB']}_foreign"
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            for words in (("drop", name), ("rename", name, f"{name}_2")):
                told = database_tool(*words)
                assert told.returncode == 1
                assert "left alone" in told.stderr
            assert json.loads(database_tool("info", name).stdout) == {"exists": True, "mark": None}
            mark = json.dumps({"owner": "me", "kind": "scratch"})
            assert database_tool("mark", name, mark).returncode == 0
            assert database_tool("drop", name).returncode == 0
            assert json.loads(database_tool("info", name).stdout)["exists"] is False
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    connection.close()


# -- Odoo's processes ----------------------------------------------------------------------


def test_configuration_is_private_and_keeps_jobs_apart(settings):
    source = odoo_source.Source(Path("/src"), "test")
    server = postgres.Server({"PGHOST": "127.0.0.1", "PGPASSWORD": "secret"}, True, "")
    path = odoo_server.tool_conf(settings, source, server)
    text = path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert f"addons_path = /src/odoo/addons,{ROOT}\n" in text
    assert "list_db = False" in text
    assert "channels = root:0" in text
    assert "server_wide_modules = base,rpc,web\n" in text
    assert "max_cron_threads = 0" in text
    assert "limit_memory_hard = 0" in text
    assert "db_password = secret" in text


def test_log_watch_tells_each_error_once(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("2026-01-01 00:00:00,000 1 ERROR onep odoo.http: before\n")
    watch = odoo_server.LogWatch(log)
    with log.open("a") as stream:
        stream.write("2026-01-01 00:00:01,000 1 INFO onep odoo.http: fine\n")
        stream.write("2026-01-01 00:00:01,000 1 ERROR onep odoo.sql_db: bad query\nTraceback\n")
        stream.write("2026-01-01 00:00:02,000 1 ERROR onep odoo.http: half a li")
    assert watch.errors() == ["error in odoo.sql_db: bad query"]
    with log.open("a") as stream:
        stream.write("ne\n")
    assert watch.errors() == ["error in odoo.http: half a line"]
    assert watch.errors() == []


# -- arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-k", "tests"], False),
        (["-k", "automap", "-x"], False),
        (["tests"], True),
        (["-q", "tests/test_launcher.py::test_x"], True),
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


# -- pure packages -------------------------------------------------------------------------


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


# -- what is said --------------------------------------------------------------------------


def test_step_says_what_and_how_long(console):
    with console.step("Odoo 19.0") as step:
        step.note("unpacked")
    said = console.stream.getvalue()
    assert said.startswith("  Odoo 19.0 … unpacked (0.")
    assert said.endswith(" s)\n")


def test_failure_says_what_to_do_and_shows_the_log(console, tmp_path):
    log = tmp_path / "logs" / "step.log"
    with pytest.raises(StepFailed) as caught, console.step("Trying"):
        run_logged(
            ["/bin/sh", "-c", "echo the reason; exit 3"], log, failure="it failed", advice="do that"
        )
    console.failure(caught.value)
    said = console.stream.getvalue()
    assert "Trying … failed after" in said
    assert "it failed (exit code 3)" in said
    assert "| the reason" in said
    assert f"Log: {log}" in said
    assert "What to do: do that" in said


def test_missing_program_is_a_failure_too(tmp_path):
    with pytest.raises(StepFailed, match="No such file"):
        run_logged(["/no/such/program"], tmp_path / "log", failure="it failed")


def test_boot_is_known():
    assert boot_id()


# -- translations -----------------------------------------------------------------------


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
