from odoo.tests import HttpCase, tagged


@tagged("standard", "post_install", "-at_install")
class TestTours(HttpCase):
    """The simulator in a real browser, in both languages."""

    def simulate(self, lang, tour):
        euro, france = self.env.ref("base.EUR"), self.env.ref("base.fr")
        euro.active = True
        self.env["res.lang"]._activate_lang(lang)
        company = self.env["res.company"].create(
            {"name": "Revendeur", "currency_id": euro.id, "country_id": france.id}
        )
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [(4, company.id)], "company_id": company.id, "lang": lang})
        self.start_tour("/odoo/margin-simulator", tour, login="admin")

    def test_english(self):
        self.simulate("en_US", "onep_margin_simulator_tour")

    def test_french(self):
        self.simulate("fr_FR", "onep_margin_simulator_tour_fr")
