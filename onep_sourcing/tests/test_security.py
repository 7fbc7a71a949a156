"""What one person has on screen is not for another to read, change or throw away."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .buying_case import BuyingCase
from .channel_servers import PRICE_LIST


@tagged("standard", "post_install", "-at_install")
class TestOwnWizards(BuyingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.make_user("colleague_onep", "onep_sourcing.group_sourcing_user")

    def assert_own(self, records):
        """The buyer's own records: theirs to use, closed to a colleague and to a manager."""
        self.assertTrue(records)
        self.assertEqual(records.create_uid, self.buyer)
        model = self.env[records._name]
        self.env.flush_all()
        self.env.invalidate_all()
        own = model.with_user(self.buyer)
        self.assertEqual(own.search([("id", "in", records.ids)]), records)
        own.browse(records.ids).read(["display_name"])
        for user in (self.colleague, self.manager):
            other = model.with_user(user)
            self.assertFalse(other.search([("id", "in", records.ids)]))
            others = other.browse(records.ids)
            for mode in ("read", "write", "unlink"):
                with self.assertRaises(AccessError, msg=f"{user.login} {mode}"):
                    others.check_access(mode)

    def upload(self, feed=None):
        uploads = self.env["onep.feed.upload"].with_user(self.buyer)
        return uploads._create_from_file("tarif.csv", PRICE_LIST, feed)

    def test_an_upload_with_its_columns_and_its_file(self):
        upload = self.upload()
        self.assert_own(upload)
        self.assert_own(upload.line_ids)
        self.assertEqual(upload.attachment_id.with_user(self.buyer).raw, PRICE_LIST)
        with self.assertRaises(AccessError):
            upload.attachment_id.with_user(self.colleague).read(["raw"])

    def test_no_column_is_put_into_another_s_upload(self):
        upload = self.upload()
        with self.assertRaises(AccessError):
            self.env["onep.feed.upload.line"].with_user(self.colleague).create(
                {"upload_id": upload.id, "column": "Prix", "column_index": 9}
            )

    def test_whoever_checks_a_waiting_file_owns_its_upload(self):
        """The file came in a job of its own user; each person who looks at it gets an upload."""
        self.feed.with_user(self.env.ref("base.user_root"))._receive("tarif.csv", PRICE_LIST)
        for user in (self.buyer, self.colleague):
            action = self.feed.with_user(user).action_check_columns()
            upload = self.env["onep.feed.upload"].with_user(user).browse(action["res_id"])
            self.assertEqual(upload.create_uid, user)
            self.assertTrue(upload.read(["file_name", "line_ids"])[0]["line_ids"])
        upload.action_confirm()
        self.assertEqual(self.feed.import_ids.create_uid, self.colleague)

    def test_quarantined_rows_and_choices(self):
        opportunity = self.make_opportunity()
        run = self.env["onep.import"].create({"feed_id": self.feed.id, "file_name": "a.csv"})
        issue = self.env["onep.import.issue"].create(
            {
                "import_id": run.id,
                "feed_id": self.feed.id,
                "company_id": self.company.id,
                "line": 2,
            }
        )
        buyer = self.env(user=self.buyer)
        self.assert_own(
            buyer["onep.quarantine.export"].create(
                {"issue_ids": [Command.set(issue.ids)], "lang": "en_US"}
            )
        )
        self.assert_own(
            buyer["onep.picking.add"].create({"opportunity_ids": [Command.set(opportunity.ids)]})
        )

    def test_rfqs_to_create(self):
        picking = self.make_list(self.make_opportunity(), user=self.buyer)
        picking.action_propose()
        picking.with_user(self.manager).action_approve()
        wizard = self.env["onep.rfq.create"].with_user(self.buyer).create({"list_id": picking.id})
        lines = wizard.line_ids
        self.assert_own(wizard)
        self.assert_own(lines)


@tagged("standard", "post_install", "-at_install")
class TestOtherCompany(BuyingCase):
    """Whoever works in one company sees nothing of what another one buys, sells or pays."""

    def test_lists_orders_and_costs(self):
        opportunity = self.make_opportunity()
        picking = self.make_list(opportunity, user=self.buyer)
        picking.with_user(self.manager).action_approve()
        self.env["onep.rfq.create"].create({"list_id": picking.id}).action_create()
        order = picking.purchase_order_ids
        product = order.order_line.product_id
        product.with_company(self.company).standard_price = 7.0
        order.button_confirm()
        other = self.env["res.company"].create({"name": "Other", "currency_id": self.eur.id})
        stranger = new_test_user(
            self.env,
            login="stranger_onep",
            groups="onep_sourcing.group_sourcing_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for record in (
            opportunity,
            opportunity.supplier_offer_id,
            picking,
            picking.line_ids,
            order,
            order.order_line,
        ):
            record = record.with_env(theirs)
            self.assertFalse(record.search([("id", "in", record.ids)]), record._name)
            with self.assertRaises(AccessError):
                record.invalidate_recordset()
                record.read(["display_name"])
        with self.assertRaises(AccessError):
            theirs["onep.rfq.create"].create({"list_id": picking.id}).action_create()
        # articles and suppliers are shared, what one company knows of them is not
        article = opportunity.product_id.with_env(theirs)
        self.assertEqual(article.own_variant_id.id, product.id)
        self.assertIs(article.own_unit_cost, False)
        self.assertIs(article.own_last_purchase_price, False)
        self.assertEqual(article.own_incoming_quantity, 0.0)
        self.assertFalse(article.own_vendor_row_ids)
        self.assertEqual(self.supplier.with_env(theirs).onep_order_count, 0)
        with self.assertRaises(AccessError):
            article.with_context(allowed_company_ids=self.company.ids).own_unit_cost  # noqa: B018
        mine = opportunity.product_id.with_user(self.buyer)
        self.assertEqual((mine.own_unit_cost, mine.own_last_purchase_price), (7.0, 10.0))
        self.assertEqual(self.supplier.with_user(self.buyer).onep_order_count, 1)
