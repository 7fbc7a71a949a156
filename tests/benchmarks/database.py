"""An Odoo environment for a bench, on the database the entry script prepared."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def environment() -> Iterator:
    """Environment of the superuser on $ONEP_BENCH_DB; what it commits stays."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    database = os.environ["ONEP_BENCH_DB"]
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--log-level=error"])
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
