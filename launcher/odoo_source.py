# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's source: a tree that is there, else Debian's package, else the vendor's archive."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .console import Console, StepFailed, run_logged, tail
from .settings import Settings
from .stamps import read_json, write_json
from .system import Need, apt_install, sudo_prefix

SERIES = "19.0"
PACKAGE = "odoo-19"
PACKAGE_SUITE = "sid"
SIDE_SUITE = "trixie"
SIDE_PACKAGES = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-glyphicons-halflings",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
"""What the Debian package links to for its icons, fonts and scripts; the versions of
SIDE_SUITE leave no link dangling."""
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DEBIAN_KEYRING = Need("Debian's keyring", ("debian-archive-keyring",), KEYRING.exists)
NIGHTLY = "https://nightly.odoo.com/19.0/nightly/src/odoo_19.0.latest.tar.gz"
SCRIPT = 'import odoo.cli\n\nif __name__ == "__main__":\n    odoo.cli.main()\n'


@dataclass(frozen=True)
class Source:
    """An Odoo tree. path: folder that holds the ``odoo`` package; origin: in words."""

    path: Path
    origin: str

    @property
    def addons_path(self) -> list[Path]:
        """Folders of addons, Odoo's own first."""
        folders = [self.path / "odoo" / "addons", self.path / "addons"]
        return [folder for folder in folders if (folder / "web").is_dir() or folder == folders[0]]

    @property
    def release(self) -> str:
        """Text that changes when the tree becomes another one (its release file's hash)."""
        return (self.path / "odoo" / "release.py").read_text(encoding="utf-8")


def series_of(path: Path) -> str | None:
    """Return the series ("19.0") of a folder that holds the odoo package, None if it is none."""
    try:
        text = (path / "odoo" / "release.py").read_text(encoding="utf-8")
    except OSError:
        return None
    match = re.search(r"version_info\s*=\s*\(\s*['\"]?([\w~]+)['\"]?\s*,\s*(\d+)", text)
    return f"{match[1]}.{match[2]}" if match else None


def is_complete(path: Path) -> bool:
    """Return whether a folder holds Odoo of our series with its standard addons."""
    if series_of(path) != SERIES:
        return False
    candidates = (path / "odoo" / "addons", path / "addons")
    return all(
        any((folder / name / "__manifest__.py").exists() for folder in candidates)
        for name in ("base", "web", "purchase_stock", "sale_stock")
    )


def obtain(settings: Settings, console: Console) -> Source:
    """Return Odoo's source tree, fetched on first use.

    Raises StepFailed when a tree named by ODOO_HOME is no Odoo 19, or when no way of
    fetching one works.
    """
    if settings.odoo_home:
        return from_home(settings.odoo_home)
    unpacked = settings.state / "odoo" / "root"
    stamp = settings.stamps / "odoo.json"
    known = read_json(stamp)
    if known.get("path") and is_complete(Path(known["path"])):
        return Source(Path(known["path"]), known["origin"])
    debian = unpacked / "usr" / "lib" / "python3" / "dist-packages"
    if is_complete(debian):
        source = Source(debian, "Debian package")
        repair_debian_tree(unpacked)
    else:
        source = fetch(settings, console)
    write_json(stamp, {"path": str(source.path), "origin": source.origin})
    return source


def from_home(home: Path) -> Source:
    """Return the tree that ODOO_HOME names: a clone, an unpacked archive, a site folder."""
    for path in (home, home / "odoo", home / "src"):
        series = series_of(path)
        if series == SERIES:
            if not is_complete(path):
                raise StepFailed(
                    f"ODOO_HOME={home} has Odoo {SERIES} without its standard addons",
                    "name a whole source tree, with web, purchase_stock and sale_stock",
                )
            return Source(path, "ODOO_HOME")
        if series:
            raise StepFailed(
                f"ODOO_HOME={home} is Odoo {series}; this project is for Odoo {SERIES}",
                f"name an Odoo {SERIES} tree, or unset ODOO_HOME to have one fetched",
            )
    raise StepFailed(
        f"ODOO_HOME={home} holds no Odoo source (odoo/release.py not found)",
        "name the folder that holds the odoo package, or unset ODOO_HOME to have one fetched",
    )


def fetch(settings: Settings, console: Console) -> Source:
    """Fetch Odoo: Debian's package first, then the vendor's nightly archive."""
    failures = []
    ways = {
        "Debian package": lambda: from_debian(settings, console),
        "vendor archive": lambda: from_nightly(settings),
    }
    for origin, way in ways.items():
        try:
            with console.step(f"Odoo {SERIES} from the {origin}") as step:
                path = way()
                size = sum(1 for _ in (path / "odoo" / "addons").iterdir())
                step.note(f"unpacked, {size} addons")
            return Source(path, origin)
        except StepFailed as error:
            failures.append(error)
            console.say(f"    {error.message}")
    raise StepFailed(
        f"Odoo {SERIES} could not be fetched in any way",
        "set ODOO_HOME to an Odoo 19 source tree (a clone of the vendor's repository on "
        "branch 19.0 does), or mend the network and run this again. On a system that is "
        "not Debian, ONEP_DEBIAN_MIRROR names a Debian mirror to take the package from",
        failures[0].log,
    )


def debian_mirrors(settings: Settings) -> list[str]:
    """Return the Debian mirrors worth trying, from what this machine's apt uses.

    The one ONEP_DEBIAN_MIRROR names alone, else Debian's own sources, else, on Ubuntu, the place
    of Debian beside it on the servers that it uses: mirrors and proxies often hold both.
    """
    given = settings.environ.get("ONEP_DEBIAN_MIRROR")
    if given or not shutil.which("apt-get"):
        return [given] if given else []
    own = _repositories("Origin: Debian", "Label: Debian")
    beside = _repositories("Origin: Ubuntu")
    return own or [
        f"{server}/debian/"
        for server, _slash, name in (uri.rstrip("/").rpartition("/") for uri in beside)
        if name == "ubuntu"
    ]


def _repositories(*filters: str) -> list[str]:
    result = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", *filters],
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted(set(result.stdout.split()))


def private_apt(work: Path) -> list[str]:
    """Return apt-get with a state of its own, so that the system's is neither read nor written."""
    options = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::Etc::Preferences": "-",
        "Dir::Etc::PreferencesParts": "-",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    return ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]


def _fetch_lists(get: list[str], work: Path, mirror: str, log: Path, env: dict[str, str]) -> None:
    """Fetch the lists of a mirror, adding to `get` what its age asks for."""
    lines = [
        f"deb [signed-by={KEYRING}] {mirror} {suite} main\n"
        for suite in (SIDE_SUITE, PACKAGE_SUITE)
    ]
    (work / "sources.list").write_text("".join(lines), encoding="utf-8")
    try:
        run_logged([*get, "update"], log, failure="Debian's lists could not be fetched", env=env)
    except StepFailed:
        if not any("is expired" in line for line in tail(log, 8)):
            raise
        # a mirror that is a snapshot of some day: its lists are signed, but no longer fresh
        get.append("-oAcquire::Check-Valid-Until=false")
        run_logged([*get, "update"], log, failure="Debian's lists could not be fetched", env=env)


def from_debian(settings: Settings, console: Console) -> Path:
    """Download and unpack Debian's package beside the system; returns the source folder."""
    log = settings.log("odoo-source")
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise StepFailed("this system has no apt and dpkg", log=log)
    mirrors = debian_mirrors(settings)
    if not mirrors:
        _refresh_system_lists(settings, log)
        mirrors = debian_mirrors(settings)
    if not mirrors:
        raise StepFailed("no Debian mirror among the apt sources of this machine", log=log)
    if not KEYRING.exists():
        apt_install(settings, console, [DEBIAN_KEYRING])
    base = settings.state / "odoo"
    work, debs, partial = base / "apt", base / "debs", base / "root.partial"
    for folder in (work, debs, partial):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (work / "lists" / "partial", work / "cache" / "archives" / "partial", debs):
        folder.mkdir(parents=True)
    get = private_apt(work)
    env = dict(settings.environ, LC_ALL="C.UTF-8")
    for place, mirror in enumerate(mirrors, 1):
        try:
            _fetch_lists(get, work, mirror, log, env)
            break
        except StepFailed:
            if place == len(mirrors):
                raise
    names = [f"{PACKAGE}/{PACKAGE_SUITE}", *(f"{name}/{SIDE_SUITE}" for name in SIDE_PACKAGES)]
    for name in names:
        run_logged(
            [*get, "download", name],
            log,
            failure=f"Debian's package {name} could not be fetched",
            env=env,
            cwd=debs,
        )
    partial.mkdir()
    for archive in sorted(debs.glob("*.deb")):
        run_logged(
            ["dpkg", "-x", archive, partial], log, failure=f"{archive.name} cannot be unpacked"
        )
    repair_debian_tree(partial)
    root = base / "root"
    shutil.rmtree(root, ignore_errors=True)
    os.replace(partial, root)
    shutil.rmtree(debs, ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)
    path = root / "usr" / "lib" / "python3" / "dist-packages"
    if not is_complete(path):
        raise StepFailed("Debian's package does not hold a complete Odoo 19", log=log)
    return path


def _refresh_system_lists(settings: Settings, log: Path) -> None:
    sudo = sudo_prefix()
    if sudo is not None:
        command = [*sudo, "apt-get", "-q", "update"]
        # one source of several may be down: what was fetched is enough then
        with suppress(StepFailed):
            run_logged(command, log, failure="apt-get update failed", finish=True)


def repair_debian_tree(root: Path) -> None:
    """Mend what Debian's packaging changes; safe to repeat.

    A script that the repack drops (its absence is a console error, which fails tours), the
    ``odoo-bin`` that Odoo's own tests call, and the egg-info, whose unpinned requirements
    pip would install over ours.
    """
    path = root / "usr" / "lib" / "python3" / "dist-packages"
    script = path.joinpath("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("/* not distributed by Debian: no background blur in calls */\n")
    for info in path.glob("odoo-*.egg-info"):
        shutil.rmtree(info) if info.is_dir() else info.unlink()
    command = path / "odoo-bin"
    if not command.exists():
        packaged = root / "usr" / "bin" / "odoo"
        if packaged.exists():
            shutil.copy(packaged, command)
        else:
            command.write_text("#!/usr/bin/env python3\n" + SCRIPT)
            command.chmod(0o755)


def from_nightly(settings: Settings) -> Path:
    """Download and unpack the vendor's nightly source archive; returns the source folder."""
    url = settings.environ.get("ONEP_NIGHTLY_URL") or NIGHTLY
    log = settings.log("odoo-source")
    base = settings.state / "odoo"
    base.mkdir(parents=True, exist_ok=True)
    archive, partial, target = base / "nightly.tar.gz", base / "nightly.partial", base / "nightly"
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, archive.open("wb") as stream:
            shutil.copyfileobj(answer, stream, 1 << 20)
    except OSError as error:
        raise StepFailed(f"the vendor's archive could not be fetched: {error}", log=log) from error
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with tarfile.open(archive) as tar:
            extract(tar, partial)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise StepFailed(f"the vendor's archive is damaged: {error}", log=log) from error
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
    archive.unlink()
    for path in sorted(target.glob("*")):
        if is_complete(path):
            return path
    raise StepFailed(f"the vendor's archive holds no complete Odoo {SERIES}", log=log)


def extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Unpack an archive, refusing members that would land outside the folder.

    Raises tarfile.TarError. Python 3.11.0 to 3.11.3 (Debian 12's) have no filters yet.
    """
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    root = folder.resolve()
    for member in tar.getmembers():
        target = (root / member.name).resolve()
        link = target.parent / member.linkname if member.issym() else root / member.linkname
        if not target.is_relative_to(root) or not link.resolve().is_relative_to(root):
            raise tarfile.ReadError(f"{member.name} would be written outside")
        if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
            raise tarfile.ReadError(f"{member.name} is no file")
    tar.extractall(root)  # noqa: S202 - checked above


def addons_path(source: Source, extra: Sequence[Path]) -> str:
    """Return Odoo's addons_path setting: the source's folders, then ours."""
    return ",".join(str(path) for path in [*source.addons_path, *extra])
