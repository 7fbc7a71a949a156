from odoo.exceptions import AccessError
from odoo.tests import tagged, users
from odoo.tools import mute_logger

from odoo.addons.queue_job.tests.common import trap_jobs

from .market_case import SECRETS, MarketplaceCase, gtins

SECRET_FIELDS = [*SECRETS, "amazon_client_id", "endpoint_url", "secret_ids"]


@tagged("standard", "post_install", "-at_install")
class TestSecurity(MarketplaceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        cls.make_user("connector_user", "group_connector_user")
        cls.make_user("connector_manager", "group_connector_manager")
        cls.make_user(
            "connector_other",
            "group_connector_manager",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )

    @users("connector_user")
    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_user_reads_and_asks_but_sets_nothing_up(self):
        amazon = self.amazon.with_user(self.env.user)
        self.assertEqual(amazon.read(["name", "offer_count"])[0]["name"], "Amazon.fr")
        with self.assertRaises(AccessError):
            amazon.name = "Other"
        with self.assertRaises(AccessError):
            amazon.action_check_connection()
        with self.assertRaises(AccessError):
            amazon.copy({"code": "x"})
        with trap_jobs() as trap:
            run = amazon._sync(gtins(2))
            trap.assert_jobs_count(1)
        self.assertEqual(run.state, "queued")
        with self.assertRaises(AccessError):
            run.unlink()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_looked_up_eans_are_their_author_s(self):
        user, manager = (
            self.env["res.users"].search([("login", "=", login)])
            for login in ("connector_user", "connector_manager")
        )
        lookup = (
            self.env["onep.market.lookup"]
            .with_user(user)
            .create({"eans": "4006381333931", "marketplace_ids": self.amazon.ids})
        )
        lookup.invalidate_recordset()
        self.assertEqual(lookup.eans, "4006381333931")
        others = lookup.with_user(manager)
        self.assertFalse(others.search([("id", "=", lookup.id)]))
        with self.assertRaises(AccessError):
            others.read(["eans"])

    @users("connector_user")
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_user_never_reads_a_key(self):
        amazon = self.amazon.with_user(self.env.user)
        for name in SECRET_FIELDS:
            with self.assertRaises(AccessError, msg=name):
                amazon.read([name])
            self.assertNotIn(name, amazon.fields_get())
        self.assertFalse(set(SECRET_FIELDS) & set(amazon.read()[0]))

    @users("connector_manager")
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_manager_writes_keys_and_reads_none(self):
        amazon = self.amazon.with_user(self.env.user)
        amazon.amazon_client_secret = "new"
        self.assertNotIn("new", str(amazon.read(["amazon_client_secret"])))
        with self.assertRaises(AccessError):
            self.env["onep.marketplace.secret"].search([])
        amazon.action_check_connection()

    @users("connector_manager")
    @mute_logger("odoo.addons.base.models.ir_model")
    def test_manager_cannot_send_the_keys_elsewhere(self):
        amazon = self.amazon.with_user(self.env.user)
        for name in ("endpoint_url", "token_url"):
            with self.assertRaises(AccessError, msg=name):
                amazon[name] = "https://elsewhere.example.com"
            self.assertNotIn(name, amazon.fields_get())

    def test_job_of_a_user_works(self):
        user = self.env["res.users"].search([("login", "=", "connector_user")])
        run = self.fnac.with_user(user)._sync(gtins(3))
        self.fnac.with_user(user)._job_ask(0)
        self.env.invalidate_all()
        self.assertEqual(run.state, "done", run.error_message)

    @users("connector_other")
    def test_another_company_sees_nothing(self):
        run = self.sync(self.fnac.sudo().with_user(self.uid_admin()), gtins(3))
        for record in (self.amazon, run, run.offer_ids):
            found = self.env[record._name].search([("id", "in", record.ids)])
            self.assertFalse(found)

    def make_own(self):
        """One record of each model of what an account has, by model."""
        return {
            record._name: record
            for record in (
                self.env["onep.marketplace.listing"].create(
                    {"marketplace_id": self.fnac.id, "sku": "S-1", "gtin": gtins(1)[0]}
                ),
                self.env["onep.marketplace.category"].create(
                    {"marketplace_id": self.fnac.id, "code": "C", "name": "C"}
                ),
                self.env["onep.marketplace.reading"].create(
                    {"marketplace_id": self.fnac.id, "kind": "offers", "name": "offers"}
                ),
            )
        }

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_sees_nothing_of_what_we_have(self):
        other = self.env["res.users"].search([("login", "=", "connector_other")])
        for name, record in self.make_own().items():
            self.assertEqual(record.company_id, self.fnac.company_id, name)
            theirs = record.with_user(other)
            self.assertFalse(theirs.search([("id", "=", record.id)]), name)
            with self.assertRaises(AccessError, msg=name):
                theirs.read(["company_id"])
            with self.assertRaises(AccessError, msg=name):
                theirs.unlink()
        with self.assertRaises(AccessError):
            self.fnac.with_user(other).action_read_listings()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_writes_what_the_marketplace_says(self):
        manager = self.env["res.users"].search([("login", "=", "connector_manager")])
        for name, record in self.make_own().items():
            ours = record.with_user(manager)
            self.assertTrue(ours.read(["display_name"]))
            with self.assertRaises(AccessError, msg=name):
                ours.copy()
            if name != "onep.marketplace.reading":
                with self.assertRaises(AccessError, msg=name):
                    ours.write({"active" if "active" in ours._fields else "sku": "x"})
            ours.unlink()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_whoever_has_no_role_sees_no_account(self):
        outsider = self.env["res.users"].create({"name": "Outsider", "login": "connector_outsider"})
        for name, record in (self.make_own() | {"onep.marketplace": self.fnac}).items():
            with self.assertRaises(AccessError, msg=name):
                record.with_user(outsider).read(["display_name"])

    def uid_admin(self):
        return self.env.ref("base.user_admin")
