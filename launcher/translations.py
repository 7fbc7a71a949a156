# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Refresh the addons' translation files: ``python -m launcher.translations -c CONF -d DB …``.

Odoo exports each addon's terms to its ``.pot``; the translations are brought to them: new terms
come in empty, those that are gone leave. Runs in the environment, where Odoo and polib are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LANGUAGES = ("fr",)
WIDTH = 78
LENDERS = ("mail", "sms", "portal")
"""Addons whose mixins put terms of theirs on our models: their translations are taken over."""


def main(argv: Sequence[str]) -> int:
    """Refresh the files of some addons; returns 1 while terms lack a translation."""
    parser = argparse.ArgumentParser(prog="launcher.translations")
    parser.add_argument("-c", dest="conf", required=True, help="Odoo configuration file")
    parser.add_argument("-d", dest="database", required=True, help="database with the addons")
    parser.add_argument("--root", type=Path, required=True, help="folder of the addons")
    parser.add_argument("addons", nargs="+")
    options = parser.parse_args(argv)
    missing = 0
    for addon in options.addons:
        folder = options.root / addon / "i18n"
        template = folder / f"{addon}.pot"
        before = template.read_text(encoding="utf-8") if template.exists() else ""
        export(options.conf, options.database, addon, template)
        keep_dates(template, before)
        for language in LANGUAGES:
            lacking = refresh(folder / f"{language}.po", template)
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


def keep_dates(template: Path, before: str) -> None:
    """Leave a template whose terms are the same as it was: its dates alone are no change."""

    def body(text: str) -> list[str]:
        return [line for line in text.splitlines() if "-Date: " not in line]

    text = template.read_text(encoding="utf-8")
    if before and body(text) == body(before):
        template.write_text(before, encoding="utf-8")


def refresh(path: Path, template: Path) -> list[str]:
    """Bring a translation to its template; returns the terms that lack a translation."""
    import polib

    terms = polib.pofile(str(template), wrapwidth=WIDTH)
    if path.exists():
        known = polib.pofile(str(path), wrapwidth=WIDTH)
    else:
        known = polib.POFile(wrapwidth=WIDTH)
        known.metadata = dict(terms.metadata, Language=path.stem)
    said = {entry.msgid: entry.msgstr for entry in known if not entry.obsolete and not entry.fuzzy}
    lent = borrowed(path.stem)
    fresh = polib.POFile(wrapwidth=WIDTH)
    fresh.header, fresh.metadata = known.header or terms.header, known.metadata
    for term in terms:
        entry = polib.POEntry(
            msgid=term.msgid,
            msgstr=said.get(term.msgid) or lent.get(term.msgid, ""),
            comment=term.comment,
            occurrences=term.occurrences,
        )
        fresh.append(entry)
    fresh.save(str(path))
    return [entry.msgid for entry in fresh if not entry.msgstr]


def borrowed(language: str) -> dict[str, str]:
    """Return the translations of the addons whose mixins we use."""
    import polib

    from odoo.tools.misc import file_path

    paths = (file_path(f"{addon}/i18n/{language}.po") for addon in LENDERS)
    return {entry.msgid: entry.msgstr for path in paths for entry in polib.pofile(path)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
