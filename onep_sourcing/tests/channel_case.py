"""A channel under test: where its file goes, and how its refusals read."""

import tempfile
from pathlib import Path

from odoo.tests.common import BaseCase


class ChannelCase(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.target = self.folder / "received"

    def refused(self, kind, rule, call, *args, **kwargs):
        """The error of a call, of this kind and rule, with its values filled in."""
        with self.assertRaises(kind) as caught:
            call(*args, **kwargs)
        self.assertEqual(caught.exception.rule, rule, str(caught.exception))
        self.assertNotIn("%(", str(caught.exception))
        return caught.exception
