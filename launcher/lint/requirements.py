# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""requirements.txt: pinned, grouped, installed, and under licences that agree with ours."""

from __future__ import annotations

import importlib.metadata
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .project import Problem, Project

GROUPS = ("odoo", "product", "oca", "dev")
ALLOWED_LICENCES = re.compile(
    r"\b(0bsd|apache|bsd|cc0|expat|hpnd|isc|l?gpl|agpl|mit|mit-0|mit-cmu|mpl|ofl|psfl?|psf-2\.0"
    r"|python software foundation|public domain|unlicense|zlib|zpl|zope public"
    r"|gnu (lesser|affero|general))",
    re.IGNORECASE,
)
REFUSED_LICENCES = re.compile(
    r"gpl-2\.0-only|gplv2 only|proprietary|non-?commercial|\bsspl\b|\bbusl\b|elastic license"
    r"|commons clause|polyform|all rights reserved",
    re.IGNORECASE,
)
# Distributions whose metadata names no licence or a misspelt one; read in their own files.
READ_LICENCES: dict[str, str] = {}


def normal(name: str) -> str:
    """Distribution name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of requirements.txt; marker is "" or what stands after the semicolon."""

    line: int
    group: str
    name: str
    version: str
    marker: str


def read_pins(project: Project) -> tuple[list[Pin], list[Problem]]:
    """Pins of requirements.txt, and what is wrong with its lines."""
    path = project.root / "requirements.txt"
    pins, problems, group = [], [], ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if match := re.match(r"# === (\w+):", line):
            group = match[1]
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(.+))?", line.strip())
        if match:
            pins.append(Pin(number, group, normal(match[1]), match[2], match[3] or ""))
        else:
            problems.append(
                Problem("requirements.txt", number, f"not a pin: {line!r}", "Write name==version")
            )
    return pins, problems


def applies(marker: str) -> bool:
    """Whether a pin's marker holds for this interpreter."""
    if not marker:
        return True
    from packaging.markers import Marker

    return Marker(marker).evaluate()


def check_requirements(project: Project) -> Iterator[Problem]:
    """requirements.txt: pinned, grouped, and what is installed"""
    pins, problems = read_pins(project)
    yield from problems
    for group in GROUPS:
        if not any(pin.group == group for pin in pins):
            yield Problem(
                "requirements.txt", 0, f'no "# === {group}:" group', "docker/Dockerfile reads them"
            )
    wanted = [pin for pin in pins if applies(pin.marker)]
    for name, count in Counter(pin.name for pin in wanted).items():
        if count > 1:
            yield Problem("requirements.txt", 0, f"{name} is pinned {count} times")
    installed = {
        normal(found.metadata["Name"]): found.version
        for found in importlib.metadata.distributions()
    }
    for pin in wanted:
        if pin.name not in installed:
            yield Problem("requirements.txt", pin.line, f"{pin.name} is not installed")
        elif installed[pin.name] != pin.version:
            yield Problem(
                "requirements.txt",
                pin.line,
                f"{pin.name} {installed[pin.name]} is installed, {pin.version} is pinned",
                "Run ./onep test once to set the environment up again, or change the pin",
            )


def licence_of(found: importlib.metadata.Distribution) -> str:
    """What a distribution says of its licence: expression, classifiers, else free text."""
    metadata = found.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::") and line != "License :: OSI Approved"
    ]
    if classifiers:
        return " / ".join(classifiers)
    text = (metadata.get("License") or "").strip()
    if text and text.upper() != "UNKNOWN":
        return text.splitlines()[0]
    for file in found.files or []:
        if re.search(r"(licen[cs]e|copying)[^/]*$", str(file), re.IGNORECASE):
            try:
                head = file.read_text()[:600]
            except (OSError, UnicodeDecodeError):
                continue
            if head and (match := ALLOWED_LICENCES.search(head)):
                return f"{match[0]} (from {file.name})"
    return ""


def check_licences(project: Project) -> Iterator[Problem]:
    """Licences: ours is the AGPL-3, those of the pinned packages agree with it"""
    text = project.root / "LICENSE"
    if not text.is_file():
        yield Problem("LICENSE", 0, "is missing")
    elif "GNU AFFERO GENERAL PUBLIC LICENSE" not in text.read_text("utf-8")[:200]:
        yield Problem("LICENSE", 1, "is not the text of the AGPL-3")
    pins, _ = read_pins(project)
    for pin in pins:
        try:
            found = importlib.metadata.distribution(pin.name)
        except importlib.metadata.PackageNotFoundError:
            continue  # check_requirements says it
        licence = READ_LICENCES.get(pin.name) or licence_of(found)
        if not licence:
            yield Problem(
                "requirements.txt",
                pin.line,
                f"{pin.name} names no licence",
                "Read it, and add it to READ_LICENCES beside this check, or drop the package",
            )
        elif REFUSED_LICENCES.search(licence) or not ALLOWED_LICENCES.search(licence):
            yield Problem(
                "requirements.txt",
                pin.line,
                f"the licence of {pin.name} is {licence[:80]!r}",
                "It must agree with the AGPL-3: use another package",
            )
