"""Command ``odoo onep_secrets``: encrypt all secrets again, while everything runs.

Found by Odoo in the addons path and loaded without the addon: it imports nothing of it.
"""

import sys

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


def say(line):
    """Tell whoever ran the command."""
    sys.stdout.write(f"{line}\n")


class OnepSecrets(Command):
    """Encrypt all secrets of marketplaces and supplier feeds with the server's newest key"""

    name = "onep_secrets"
    epilog = """
    Put the new key before the others in onep_secret_key (or ONEP_SECRET_KEY), restart all
    processes, run this, then remove the former keys and restart again. Nothing stops meanwhile.
    The exit code is 1 when a secret could not be opened; its account is named.
    """

    def run(self, args):
        """Parse the command line, rotate, print the report."""
        self.parser.add_argument(
            "-c",
            "--config",
            help="configuration file; in ODOO_RC rather, for Odoo to find this command by it",
        )
        self.parser.add_argument("-d", "--database", help="database, if the file names none")
        options = self.parser.parse_args(args)
        words = ["--no-http"]
        words += ["-c", options.config] if options.config else []
        words += ["-d", options.database] if options.database else []
        config.parse_config(words, setup_logging=True)
        names = config["db_name"]
        if not names:
            self.parser.error("name the database with -d")
        failed = 0
        for name in names:
            with Registry(name).cursor() as cr:
                env = Environment(cr, SUPERUSER_ID, {})
                if "onep.secret.mixin" not in env.registry:
                    say(f"{name}: 1UP Marketplace Connectors is not installed, nothing to do")
                    continue
                rotation = retrying(env["onep.secret.mixin"]._rotate_all, env)
            say(f"{name}: {rotation.count} secrets are encrypted with the newest key")
            for failure in rotation.failures:
                say(f"{name}: could not be opened with any of the server's keys: {failure}")
            failed += len(rotation.failures)
        raise SystemExit(1 if failed else 0)
