"""Two files of a feed are accepted at the same moment, each on a connection of its own: the mapper
learns from both, and neither is lost nor counted twice.
"""

import os

import pytest

from .live_odoo import run_shell, scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test makes"
)

PREPARE = """
supplier = env["res.partner"].create({"name": "Grossiste"})
env["onep.supplier.feed"].create({"name": "Liste", "partner_id": supplier.id})
"""

RACE = """
import threading, time
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.addons.onep_sourcing.sql.column_memory import Said

feed = env["onep.supplier.feed"].search([("name", "=", "Liste")])
has_taught, tries = threading.Event(), [0, 0]

def someone_waits():
    with db_connect(env.cr.dbname).cursor() as own:
        own.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND wait_event_type = 'Lock'")
        return own.fetchone()[0] > 0

def act(buyer, before, after):
    with Registry(env.cr.dbname).cursor() as own:
        own_env = api.Environment(own, SUPERUSER_ID, {})
        own_env["onep.column.memory"].search_count([])  # the snapshot is taken
        before()

        def teach():
            tries[buyer] += 1
            memory = own_env["onep.column.memory"]
            words = WORDS[::-1] if buyer else WORDS
            said = [Said(word, word.title(), "name", bool(buyer)) for word in words]
            memory._remember(own_env["onep.supplier.feed"].browse(feed.id), said, True)
            after()

        retrying(teach, own_env)  # as a request does it: replays, then commits

WORDS = ["prix net", "designation", "reference", "stock"]

def wait_for_the_other():
    has_taught.set()
    deadline = time.monotonic() + 30
    while not someone_waits() and time.monotonic() < deadline:
        time.sleep(0.02)

one = threading.Thread(target=act, args=(0, lambda: None, wait_for_the_other))
two = threading.Thread(target=act, args=(1, has_taught.wait, lambda: None))
one.start(); two.start(); one.join(60); two.join(60)
cr.rollback()
lines = env["onep.column.memory"].search([])
print(len(lines), set(lines.mapped("import_count")), set(lines.mapped("correction_count")))
print(tries[0], tries[1] > 1)
"""


def test_two_files_of_a_feed_teach_both():
    with scratch_database() as database:
        run_shell(database, PREPARE)
        counts, tries = run_shell(database, RACE).splitlines()[-2:]
    assert counts == "4 {2} {1}"
    assert tries == "1 True", "the second file met the first one, and was taken again"
