# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's source: a clone, the vendor's archive, Debian's package."""

from __future__ import annotations

import io
import tarfile
from unittest.mock import Mock

import pytest

from launcher import (
    odoo_source,
    system,
)
from launcher.console import StepFailed
from launcher.settings import Settings

from .entry import ROOT


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
