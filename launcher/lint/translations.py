# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Translations: complete, and with the placeholders of their source."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from .project import Problem, Project

LANGUAGES = ("fr",)
NAMED = re.compile(r"%\(\w+\)[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
PLAIN = re.compile(r"(?<!%)%[-+#0]*\d*(?:\.\d+)?[sdifrx](?!\w)")
BRACED = re.compile(r"\{\w*\}")
TAGS = re.compile(r"</?[a-zA-Z][\w-]*")
#: What a tag says to the machine, and not to the reader.
CODE = re.compile(r"""\b(?:invisible|readonly|required|name|class|href|t-[\w-]+)="[^"]*\"""")


def placeholders(text: str, code: bool) -> Counter[str]:
    """What a translation must carry over; plain %s counts in terms of code only."""
    found = Counter(NAMED.findall(text))
    if code:
        found.update(PLAIN.findall(NAMED.sub("", text)))
        found.update(BRACED.findall(text))
    found.update(TAGS.findall(text))
    found.update(CODE.findall(text))
    return found


def check_po(project: Project) -> Iterator[Problem]:
    """Translations: complete, not fuzzy, no term twice, same placeholders"""
    import polib

    for addon in project.addons:
        for language in LANGUAGES:
            if not (addon.folder / "i18n" / f"{language}.po").is_file():
                yield Problem(f"{addon.name}/i18n/{language}.po", 0, "is missing")
        for path in project.within(addon.folder, "*.po", "*.pot"):
            place, template = project.name(path), path.suffix == ".pot"
            try:
                catalogue = polib.pofile(str(path), encoding="utf-8")
            except (OSError, UnicodeDecodeError, ValueError) as error:
                yield Problem(place, 0, f"cannot be parsed: {error}")
                continue
            language = catalogue.metadata.get("Language", "")
            if not template and language.split("_")[0] != path.stem.split("_")[0]:
                yield Problem(place, 0, f'header says "Language: {language}"')
            if "UTF-8" not in catalogue.metadata.get("Content-Type", "UTF-8").upper():
                yield Problem(place, 0, "header does not say charset=UTF-8")
            seen = defaultdict(list)
            for entry in catalogue:
                seen[entry.msgctxt, entry.msgid].append(entry.linenum)
                if entry.obsolete:
                    yield Problem(place, entry.linenum, "obsolete term", "Remove it")
                elif template:
                    continue
                elif entry.fuzzy:
                    yield Problem(place, entry.linenum, "fuzzy", "Read it, then remove the mark")
                elif not entry.msgstr:
                    yield Problem(place, entry.linenum, f"not translated: {entry.msgid[:60]!r}")
                else:
                    code = "odoo-python" in entry.comment or "odoo-javascript" in entry.comment
                    wanted = placeholders(entry.msgid, code)
                    given = placeholders(entry.msgstr, code)
                    if wanted != given:
                        lost, added = wanted - given, given - wanted
                        yield Problem(
                            place,
                            entry.linenum,
                            f"placeholders differ: lost {sorted(lost)}, added {sorted(added)}",
                        )
                    if entry.msgid.startswith("\n") != entry.msgstr.startswith("\n") or (
                        entry.msgid.endswith("\n") != entry.msgstr.endswith("\n")
                    ):
                        yield Problem(place, entry.linenum, "line breaks at the ends differ")
            for (_, term), lines in seen.items():
                if len(lines) > 1:
                    yield Problem(place, lines[1], f"{term[:60]!r} is at line {lines[0]} already")
