import logging

from odoo.tests import BaseCase, tagged

from ..secret_logging import CALLS, StrikeOut, install, without_secrets


@tagged("standard", "post_install", "-at_install")
class TestSecretLogging(BaseCase):
    def test_values_of_secret_names_are_struck_out(self):
        for text, expected in (
            ("save({'fnac_key': 'a b', 'name': 'x'})", "save({'fnac_key': '***', 'name': 'x'})"),
            ('write({"source_password": "it\'s"})', "write({\"source_password\": '***'})"),
            ("write({'source_token': 'a\\'b'}, 1)", "write({'source_token': '***'}, 1)"),
            ("f(amazon_refresh_token='Atzr|x')", "f(amazon_refresh_token='***')"),
            ("read(['amazon_client_secret'])", "read(['amazon_client_secret'])"),
            ("write({'key': 'kept', 'keyed': 'kept'})", "write({'key': 'kept', 'keyed': 'kept'})"),
        ):
            self.assertEqual(without_secrets(text), expected)

    def test_private_key_of_several_lines(self):
        vals = {"source_private_key": "-----BEGIN KEY-----\nabc\n"}
        self.assertNotIn("abc", without_secrets(f"write({vals})"))

    def test_line_is_struck_out_before_any_handler(self):
        install()
        install()
        logger = logging.getLogger(CALLS)
        self.assertEqual(len([f for f in logger.filters if isinstance(f, StrikeOut)]), 1)
        with self.assertLogs(CALLS, "DEBUG") as logs:
            logger.debug("call %s(%s)", "web_save", "{'mirakl_api_key': 'planted'}")
        self.assertEqual(logs.records[0].getMessage(), "call web_save({'mirakl_api_key': '***'})")
