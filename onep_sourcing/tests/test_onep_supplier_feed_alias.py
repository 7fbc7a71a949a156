"""A feed's own e-mail address: real mails through the gateway."""

from email.message import EmailMessage

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.tests.common import trap_jobs

from .channel_servers import PRICE_LIST, HttpServer
from .feed_source_case import FeedSourceCase


@tagged("standard", "post_install", "-at_install")
class TestFeedAlias(FeedSourceCase):
    def setUp(self):
        super().setUp()
        self.domain = self.env["mail.alias.domain"].create(
            {"name": "reseller.example", "company_ids": [(4, self.company.id)]}
        )
        self.company.alias_domain_id = self.domain
        self.feed.write({"channel": "mail", "alias_name": "grossiste-prices"})
        self.supplier.email = "Prices <prices@grossiste.example>"
        self.sent = 0

    def send(self, sender="prices@grossiste.example", files=(), html=None, to=None, **headers):
        """One RFC 5322 mail through the gateway, as a mail server hands it over."""
        mail = EmailMessage()
        self.sent += 1
        mail["From"] = sender
        mail["To"] = to or "grossiste-prices@reseller.example"
        mail["Subject"] = "Tarif de novembre"
        mail["Message-Id"] = f"<{self.sent}.{self.id()}@grossiste.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("Bonjour, voici le tarif.")
        if html:
            mail.add_alternative(html, subtype="html")
        for name, data in files:
            kind = ("image", "png") if name.endswith("png") else ("application", "octet-stream")
            mail.add_attachment(data, maintype=kind[0], subtype=kind[1], filename=name)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            return (
                self.env["mail.thread"]
                .with_user(self.env.ref("base.user_root"))
                .message_process(None, mail.as_bytes())
            )

    def test_the_address(self):
        self.assertEqual(self.feed.alias_email, "grossiste-prices@reseller.example")
        self.assertEqual(self.feed.alias_id.alias_force_thread_id, self.feed.id)
        self.feed.action_test_connection()
        self.assertTrue(self.feed.is_test_ok)
        self.assertIn("prices@grossiste.example", self.feed.test_text)
        self.supplier.email = False
        self.feed.action_test_connection()
        self.assertFalse(self.feed.is_test_ok)

    def test_an_attachment_is_imported(self):
        self.confirm_columns()
        self.send(files=[("logo.png", b"\x89PNG"), ("Tarif.csv", PRICE_LIST)])
        self.assertEqual(self.rules(), ["mail-received", "file-imported"])
        run = self.run_import()
        self.assertEqual((run.accepted_count, run.company_id), (3, self.company))
        mail = self.feed.message_ids.filtered(lambda m: m.subject == "Tarif de novembre")
        self.assertEqual(len(mail.attachment_ids), 2, "the mail is kept with the feed")

    def test_an_unknown_layout_waits(self):
        self.send(files=[("Tarif.csv", PRICE_LIST)])
        self.assertEqual(self.feed.waiting_count, 1)
        self.assertEqual(self.feed.check_state, "waiting")
        self.assertEqual(self.feed.activity_ids.user_id, self.buyer)

    def test_a_stranger_is_refused(self):
        self.confirm_columns()
        for sender in (
            "evil@example.com",
            "prices@grossiste.example.evil.com",
            '"prices@grossiste.example" <evil@example.com>',
        ):
            self.send(sender=sender, files=[("Tarif.csv", PRICE_LIST)])
            self.assertEqual(self.rules(), ["sender-refused"], sender)
        self.assertFalse(self.feed.import_ids)
        self.assertFalse(self.feed.waiting_count)
        self.assertFalse(self.feed.message_ids.filtered(lambda m: m.subject == "Tarif de novembre"))

    def test_the_list_of_senders(self):
        self.feed.mail_senders = "@wholesale.example\nBob@Else.example"
        for sender, is_allowed in (
            ("anyone@wholesale.example", True),
            ("Bob <bob@else.example>", True),
            ("alice@else.example", False),
            ("x@sub.wholesale.example", False),
            ("prices@grossiste.example", False),
        ):
            self.assertEqual(self.feed._is_allowed_sender(sender), is_allowed, sender)

    def test_nobody_is_allowed_without_an_address(self):
        self.supplier.email = False
        self.send(files=[("Tarif.csv", PRICE_LIST)])
        self.assertFalse(self.feed.waiting_count)

    def test_a_feed_that_no_longer_takes_mails(self):
        for vals in ({"channel": "manual"}, {"channel": "mail", "active": False}):
            self.feed.write(vals)
            self.send(files=[("Tarif.csv", PRICE_LIST)])
            self.assertFalse(self.feed.waiting_count, vals)

    def test_an_answer_in_the_chatter_is_no_delivery(self):
        posted = self.feed.message_post(body="Question", message_type="comment")
        self.send(
            to="someone@reseller.example",
            files=[("Tarif.csv", PRICE_LIST)],
            References=posted.message_id,
        )
        self.assertFalse(self.feed.waiting_count)
        self.assertFalse(self.feed.import_ids)

    def test_several_files_of_a_full_catalogue_are_not_guessed(self):
        self.confirm_columns()
        files = [("Tarif.csv", PRICE_LIST), ("Stock.csv", b"a;b\n1;2\n")]
        self.send(files=files)
        self.assertEqual(self.rules(), ["mail-several-files"])
        self.assertFalse(self.feed.import_ids)
        self.feed.file_pattern = "tarif*"
        self.send(files=files)
        self.assertEqual(self.rules(), ["mail-received", "file-imported"])

    def test_a_mail_without_a_file(self):
        self.send(files=[("photo.png", b"\x89PNG")])
        self.assertEqual(self.rules(), ["mail-without-file"])
        self.assertEqual(self.feed.check_state, "failed")

    def test_the_same_mail_twice(self):
        self.confirm_columns()
        for _time in range(2):
            self.sent = 0
            self.send(files=[("Tarif.csv", PRICE_LIST)])
        self.assertEqual(len(self.feed.import_ids), 1)

    def test_a_link_is_followed_in_a_job(self):
        self.confirm_columns()
        server = HttpServer()
        self.addCleanup(server.close)
        server.serve("/prices/tarif.csv")
        server.serve("/unsubscribe", b"gone")
        body = (
            f'<p>Tarif: <a href="{server.url}/prices/tarif.csv?t=1">ici</a>, '
            f'<a href="{server.url}/unsubscribe">se désabonner</a></p>'
        )
        self.feed.write({"source_token": "never-sent", "source_auth": "bearer"})
        with trap_jobs() as trap:
            self.send(html=body)
            self.assertEqual(self.rules(), ["mail-received", "link-followed"])
            self.assertFalse(server.asked, "not while the mail is handled")
            self.perform(trap)
        self.assertEqual(self.rules(), ["file-imported"])
        self.assertEqual([path for _m, path, _h, _b in server.asked], ["/prices/tarif.csv?t=1"])
        self.assertNotIn("never-sent", str(server.asked))
        self.assertEqual(self.run_import().accepted_count, 3)

    def test_links_by_their_beginning(self):
        self.feed.mail_link_prefix = "https://files.grossiste.example/prices/"
        body = (
            '<a href="https://files.grossiste.example/prices/9f8a">1</a>'
            '<a href="https://files.grossiste.example.evil.com/prices/tarif.csv">2</a>'
            '<a href="https://files.grossiste.example/other/tarif.csv">3</a>'
            '<a href="https://files.grossiste.example@evil.com/prices/tarif.csv">4</a>'
        )
        self.assertEqual(
            self.feed._find_mail_links(body), ["https://files.grossiste.example/prices/9f8a"]
        )

    def test_a_link_into_the_private_network_is_refused(self):
        self.allow("")
        server = HttpServer()
        self.addCleanup(server.close)
        server.serve("/tarif.csv")
        with trap_jobs() as trap:
            self.send(html=f'<a href="{server.url}/tarif.csv">x</a>')
            self.perform(trap)
        self.assertEqual(self.rules(), ["private-address"])
        self.assertFalse(server.asked)

    def test_the_alias_goes_with_its_feed(self):
        alias = self.feed.alias_id
        self.feed.unlink()
        self.assertFalse(alias.exists())
