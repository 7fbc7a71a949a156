from odoo.tests.common import HttpCase, tagged


@tagged("standard", "post_install", "-at_install")
class TestTours(HttpCase):
    def test_unreadable_file_says_why_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        admin = self.env.ref("base.user_admin")
        admin.lang = "fr_FR"
        upload = (
            self.env["onep.feed.upload"]
            .with_user(admin)
            .with_context(lang="fr_FR")
            ._create_from_file("vide.csv", b"")
        )
        self.start_tour(
            f"/odoo/onep.feed.upload/{upload.id}", "onep_sourcing_unreadable_file", login="admin"
        )
        self.assertFalse(upload.exists())
