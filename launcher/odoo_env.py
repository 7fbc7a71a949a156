# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo in this process, without its server: for set-up steps run by the environment's Python.

    python -m launcher.odoo_env -c CONF -d DB --install a,b [--country FR] [--language fr_FR]

installs addons into a database (made empty before), which is what ``odoo -i`` does, but
with a company's country and a second language in place before the addons load, and with a
non-zero exit when an addon could not be installed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_logger = logging.getLogger("onep.launcher")


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the configuration file and the database."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("-c", "--config", required=True)
    result.add_argument("-d", "--database", required=True)
    return result


def configure(config: str, database: str) -> None:
    """Read Odoo's configuration file; to be called once, first."""
    from odoo.tools import config as odoo_config

    odoo_config.parse_config(["-c", config, "-d", database], setup_logging=True)


@contextmanager
def environment(database: str) -> Iterator[Any]:
    """Give an Odoo environment as superuser; the caller commits."""
    from odoo import api
    from odoo.modules.registry import Registry

    with Registry(database).cursor() as cr:
        yield api.Environment(cr, api.SUPERUSER_ID, {})


def install(database: str, addons: Sequence[str], country: str, languages: Sequence[str]) -> None:
    """Install addons (base first when the database is empty), without Odoo's demo data.

    country: ISO code set on the main company, with its currency, before anything else
    Raises SystemExit naming the addons that did not get installed.
    """
    from odoo.modules.db import is_initialized
    from odoo.modules.registry import Registry
    from odoo.sql_db import db_connect

    with db_connect(database).cursor() as cr:
        fresh = not is_initialized(cr)
    if fresh:
        Registry.new(database, update_module=True, new_db_demo=False)
    with environment(database) as env:
        active = dict(env["res.lang"].get_installed())
        for code in languages:
            if code not in active:
                env["res.lang"]._activate_lang(code)
                installed = env["ir.module.module"].search([("state", "=", "installed")])
                installed._update_translations(code)
        if country and fresh:
            where = env["res.country"].search([("code", "=", country)], limit=1)
            env.ref("base.main_company").write(
                {"country_id": where.id, "currency_id": where.currency_id.id}
            )
        env.cr.commit()
    Registry.new(database, update_module=True, install_modules=list(addons), new_db_demo=False)
    with environment(database) as env:
        domain = [("name", "in", list(addons)), ("state", "=", "installed")]
        left = set(addons) - set(env["ir.module.module"].search(domain).mapped("name"))
    if left:
        sys.exit(f"not installed: {', '.join(sorted(left))} (see above for the reason)")


def main(arguments: Sequence[str]) -> int:
    """Install addons as the command line says."""
    options = parser(__doc__)
    options.add_argument("--install", required=True)
    options.add_argument("--country", default="")
    options.add_argument("--language", action="append", default=[])
    options.add_argument("--assets", action="store_true")
    args = options.parse_args(arguments)
    configure(args.config, args.database)
    install(args.database, args.install.split(","), args.country, args.language)
    if args.assets:
        from .warm_assets import warm

        with environment(args.database) as env:
            warm(env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
