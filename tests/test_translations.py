"""French is complete: every term an addon shows has its French, placeholders included."""

import re
from pathlib import Path

import polib

from odoo.tests.common import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import TranslationModuleReader

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ("onep_marketplace_connectors", "onep_margin", "onep_sourcing")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")


@tagged("standard", "post_install", "-at_install")
class TestTranslations(TransactionCase):
    def terms(self, addon):
        """Source terms of an addon as Odoo exports them: screens, fields, code."""
        reader = TranslationModuleReader(self.env.cr, modules=[addon])
        return {source.strip() for _module, _type, _name, _id, source, _value, _notes in reader}

    def inherited_terms(self):
        """Labels of fields that mixins of other addons put on our models: theirs to translate."""
        terms = set()
        for addon in ("mail", "sms", "portal"):
            path = file_path(f"{addon}/i18n/fr.po")
            terms |= {entry.msgid.strip() for entry in polib.pofile(path)}
        return terms

    def test_every_term_has_its_french(self):
        for addon in ADDONS:
            with self.subTest(addon=addon):
                po = polib.pofile(str(ROOT / addon / "i18n" / "fr.po"))
                known = {
                    entry.msgid.strip()
                    for entry in po
                    if entry.msgstr and not entry.fuzzy and not entry.obsolete
                }
                missing = sorted(self.terms(addon) - known)
                if missing:
                    missing = sorted(set(missing) - self.inherited_terms())
                self.assertFalse(missing, f"{addon}: {len(missing)} terms without French")

    def test_placeholders_are_the_same_in_french(self):
        for addon in ADDONS:
            po = polib.pofile(str(ROOT / addon / "i18n" / "fr.po"))
            for entry in po:
                with self.subTest(addon=addon, term=entry.msgid):
                    self.assertEqual(
                        sorted(PLACEHOLDER.findall(entry.msgid)),
                        sorted(PLACEHOLDER.findall(entry.msgstr)),
                    )
