import io
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .buying_case import BuyingCase

ECB = "odoo.addons.currency_rate_update.models.res_currency_rate_provider_ECB.urlopen"
ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <Cube><Cube time="%s"><Cube currency="USD" rate="1.16"/><Cube currency="GBP" rate="0.875"/>
  </Cube></Cube>
</gesmes:Envelope>"""


@tagged("standard", "post_install", "-at_install")
class TestCurrencyRateProvider(BuyingCase):
    """Rates of the European Central Bank come by themselves; a failure is on screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.pound = cls.env.ref("base.GBP")
        cls.pound.active = True
        cls.pound.rate_ids.unlink()
        cls.Provider = cls.env["res.currency.rate.provider"]
        # Only this company is updated: others of the database are not asked about.
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).write(
            {"currency_rates_autoupdate": False}
        )

    def update(self, answer):
        with patch(ECB) as urlopen:
            if isinstance(answer, Exception):
                urlopen.side_effect = answer
            else:
                urlopen.return_value.__enter__.return_value = io.BytesIO(answer.encode())
            self.Provider._scheduled_update()
        return self.Provider.search([("company_id", "=", self.company.id)])

    def test_rates_come_without_being_asked_for(self):
        provider = self.update(ANSWER % fields.Date.to_string(self.today))
        self.assertEqual((provider.service, provider.daily), ("ECB", True))
        self.assertIn(self.pound, provider.currency_ids)
        self.assertNotIn(self.eur, provider.currency_ids)
        rate = self.env["res.currency.rate"].search(
            [("currency_id", "=", self.pound.id), ("company_id", "=", self.company.id)]
        )
        self.assertEqual((rate.rate, rate.name), (0.875, self.today))
        self.assertEqual(self.pound._onep_get_rates(self.company)[self.pound.id], 1 / 0.875)

    def test_a_failure_is_seen_until_it_is_over(self):
        with mute_logger("odoo.addons.currency_rate_update.models.res_currency_rate_provider"):
            provider = self.update(OSError("Name or service not known"))
        self.assertIn("not known", provider.onep_failure)
        self.assertIn("not known", provider.message_ids[0].body)
        Gap = self.env["onep.fee.gap"]
        Gap.action_open()
        self.assertTrue(Gap.search([("name", "ilike", "European Central Bank could not be read")]))
        self.update(ANSWER % fields.Date.to_string(self.today))
        self.assertFalse(provider.onep_failure)
        Gap.action_open()
        self.assertFalse(Gap.search([("name", "ilike", "could not be read")]))

    def test_an_archived_provider_is_left_alone(self):
        self.Provider._onep_set_up()
        self.Provider.search([("company_id", "=", self.company.id)]).active = False
        self.assertFalse(self.update(UserError("asked")))
