# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Refresh the addons' translation files: ``python -m launcher.translations -c CONF -d DB …``.

Odoo exports each addon's terms to its ``.pot``; the translations are brought to them: new terms
come in empty, those that are gone leave. Runs in the environment, where Odoo and polib are.

What an addon's mixin puts on another addon's model (the states of a run) is exported with the
mixin's addon, and would be loaded before that model exists: it is moved to the model's addon.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

LANGUAGES = ("fr",)
WIDTH = 78
LENDERS = ("mail", "sms", "portal")
"""Addons whose mixins put terms of theirs on our models: their translations are taken over."""
MODEL_TERM = re.compile(r"model:ir\.model,name:\w+\.model_(?P<model>\w+)")
FIELD_TERM = re.compile(
    r"model:ir\.model\.fields(?:\.selection)?,\w+:\w+\.(?:selection__|field_)(?P<model>\w+?)__"
)


def main(argv: Sequence[str]) -> int:
    """Refresh the files of some addons; returns 1 while terms lack a translation."""
    parser = argparse.ArgumentParser(prog="launcher.translations")
    parser.add_argument("-c", dest="conf", required=True, help="Odoo configuration file")
    parser.add_argument("-d", dest="database", required=True, help="database with the addons")
    parser.add_argument("--root", type=Path, required=True, help="folder of the addons")
    parser.add_argument("addons", nargs="+")
    options = parser.parse_args(argv)
    templates = {addon: options.root / addon / "i18n" / f"{addon}.pot" for addon in options.addons}
    before = {
        addon: path.read_text(encoding="utf-8") if path.exists() else ""
        for addon, path in templates.items()
    }
    for addon, path in templates.items():
        export(options.conf, options.database, addon, path)
    give_to_owners(templates)
    said = {
        language: translations(path.with_name(f"{language}.po") for path in templates.values())
        for language in LANGUAGES
    }
    missing = 0
    for addon, path in templates.items():
        keep_dates(path, before[addon])
        for language in LANGUAGES:
            lacking = refresh(path.with_name(f"{language}.po"), path, said[language])
            missing += len(lacking)
            print(f"{addon}/i18n/{language}.po: {len(lacking)} terms to translate")
            for term in lacking:
                print(f"  {term!r}")
    return 1 if missing else 0


def export(conf: str, database: str, addon: str, template: Path) -> None:
    """Let Odoo write an addon's terms."""
    command = [str(Path(sys.executable).with_name("odoo")), "i18n", "export"]
    command += ["-c", conf, "-d", database, "-o", str(template), addon]
    subprocess.run(command, check=True)


def give_to_owners(templates: dict[str, Path]) -> None:
    """Move each term on a field to the addon that defines the field's model, if it comes later.

    templates: addon → its template, in the order of the addons' dependencies
    """
    import polib

    files = {addon: polib.pofile(str(path), wrapwidth=WIDTH) for addon, path in templates.items()}
    order = list(templates)
    owners: dict[str, str] = {}
    for addon, file in files.items():
        for entry in file:
            for place, _line in entry.occurrences:
                if found := MODEL_TERM.fullmatch(place):
                    owners.setdefault(found["model"], addon)
    for addon, file in files.items():
        for entry in list(file):
            for occurrence in list(entry.occurrences):
                found = FIELD_TERM.match(occurrence[0])
                owner = owners.get(found["model"], addon) if found else addon
                if order.index(owner) > order.index(addon):
                    entry.occurrences.remove(occurrence)
                    give(files[owner], owner, entry, occurrence)
            if not entry.occurrences:
                file.remove(entry)
    for addon, path in templates.items():
        files[addon].sort(key=lambda entry: entry.msgid)
        files[addon].save(str(path))


def give(file: Any, addon: str, entry: Any, occurrence: tuple[str, str]) -> None:
    """Add an occurrence of a term to an addon's template."""
    import polib

    known = file.find(entry.msgid)
    if known is None:
        known = polib.POEntry(msgid=entry.msgid, comment=f"module: {addon}", occurrences=[])
        file.append(known)
    if occurrence not in known.occurrences:
        known.occurrences = sorted([*known.occurrences, occurrence])


def keep_dates(template: Path, before: str) -> None:
    """Leave a template whose terms are the same as it was: its dates alone are no change."""

    def body(text: str) -> list[str]:
        return [line for line in text.splitlines() if "-Date: " not in line]

    text = template.read_text(encoding="utf-8")
    if before and body(text) == body(before):
        template.write_text(before, encoding="utf-8")


def refresh(path: Path, template: Path, elsewhere: dict[str, str]) -> list[str]:
    """Bring a translation to its template; returns the terms that lack a translation.

    elsewhere: what other addons say, for terms that moved
    """
    import polib

    terms = polib.pofile(str(template), wrapwidth=WIDTH)
    own = translations([path])
    lent = translations(lenders(path.stem))
    fresh = polib.POFile(wrapwidth=WIDTH)
    fresh.header, fresh.metadata = terms.header, dict(terms.metadata, Language=path.stem)
    if path.exists():
        known = polib.pofile(str(path), wrapwidth=WIDTH)
        fresh.header, fresh.metadata = known.header, known.metadata
    for term in terms:
        text = own.get(term.msgid) or elsewhere.get(term.msgid) or lent.get(term.msgid, "")
        fresh.append(
            polib.POEntry(
                msgid=term.msgid, msgstr=text, comment=term.comment, occurrences=term.occurrences
            )
        )
    fresh.save(str(path))
    return [entry.msgid for entry in fresh if not entry.msgstr]


def translations(paths: Iterable[Path | str]) -> dict[str, str]:
    """Return what translation files say, term by term; files that are missing say nothing."""
    import polib

    return {
        entry.msgid: entry.msgstr
        for path in paths
        if Path(path).exists()
        for entry in polib.pofile(str(path), wrapwidth=WIDTH)
        if entry.msgstr and not entry.obsolete and not entry.fuzzy
    }


def lenders(language: str) -> list[str]:
    """Return the translation files of the addons whose mixins we use."""
    from odoo.tools.misc import file_path

    return [file_path(f"{addon}/i18n/{language}.po") for addon in LENDERS]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
