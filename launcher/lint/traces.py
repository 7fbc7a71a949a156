# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What no file may hold: paths and registries of one machine, keys, marks of a merge."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from .project import Problem, Project

# Written in two parts so that this file passes its own check.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("registry.npmjs", "org"),
        ("deb.debian", "org"), ("security.debian", "org"), ("archive.ubuntu", "com"),
        ("security.ubuntu", "com"), ("ports.ubuntu", "com"), ("proxy.golang", "org"),
    )
)  # fmt: skip
MACHINE_PATHS = re.compile(
    r"(?<![\w./~-])/(?:work|root|Users|home/(?!odoo\b)\w+)/[\w.]|(?<![\w./])\.\./shared/|/tmp/onepdev"
)
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)")


def registry_hosts() -> set[str]:
    """Public registries, and those this machine is set up with."""
    hosts = set(HOSTS)
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY"):
        hosts.update(urlsplit(url).hostname or "" for url in os.environ.get(variable, "").split())
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(
            [
                "/etc/pip.conf",
                *(Path.home() / name for name in (".pip/pip.conf", ".config/pip/pip.conf")),
            ]
        )
    except configparser.Error:
        return hosts - {""}
    for section in settings.sections():
        for key in ("index-url", "extra-index-url"):
            urls = settings.get(section, key, fallback="").split()
            hosts.update(urlsplit(url).hostname or "" for url in urls)
    return hosts - {"", "localhost", "127.0.0.1"}


def check_traces(project: Project) -> Iterator[Problem]:
    """No path or registry of one machine, private key or merge mark in any file"""
    hosts = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}\b" for host in registry_hosts()))
    for path in project.files:
        if path == Path(__file__).resolve() or path.stat().st_size > 20_000_000:
            continue
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        place = project.name(path)
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if match := MACHINE_PATHS.search(line):
                yield Problem(place, number, f"path of one machine: {line[match.start() :][:40]!r}")
            if match := hosts.search(line):
                yield Problem(
                    place, number, f"registry host {match[0]}", "Let the machine's settings decide"
                )
            if PRIVATE_KEY.search(line):
                yield Problem(place, number, "private key", "Revoke it and remove it from history")
            if CONFLICT.match(line):
                yield Problem(place, number, "merge conflict mark")
