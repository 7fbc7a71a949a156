"""Imports that meet while they publish, each on a connection of its own: what they leave behind is
what they would have left one after the other.

The races are arranged: an import stops in the middle of its publication until the other one waits
for it, or until somebody has cancelled it.
"""

import os

import psycopg2
import pytest

from .live_odoo import run_shell, scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test makes"
)

#: Enough for the statements of large files.
ROWS = 6_000

COMMON = """
import threading, time
from odoo.service.model import retrying
from odoo.sql_db import db_connect

HEADER = "Référence;EAN;Désignation;Marque;Prix net HT;Stock\\n"

def ean(number):
    body = f"3770000{{number:05d}}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{{body}}{{-total % 10}}"

def write(first, last, raised, who):
    lines = [HEADER]
    for number in range(first, last):
        price = f"{{10 + number % 90 + (number % 7 == raised)}},00"
        if number % 997 == 5:
            price = "sur devis"
        cells = (f"K-{{number:05d}}", ean(number), f"Article {{number}} de {{who}}", "Toka", price)
        lines.append(";".join([*cells, str(number % 50)]) + "\\n")
    return "".join(lines).encode()

def make_run(feed, name, data):
    run = env["onep.feed.upload"]._create_from_file(name, data, feed)._create_import()
    run.state = "queued"
    return run

def feed_of(name):
    return env["onep.supplier.feed"].search([("name", "=", name)])

def someone_waits():
    # a transaction of its own: statistics are read once in a transaction
    with db_connect(env.cr.dbname).cursor() as own:
        own.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND wait_event_type = 'Lock'")
        return own.fetchone()[0] > 0

def count_locks():
    cr.execute("SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
               " WHERE datname = current_database() AND locktype = 'advisory'")
    return cr.fetchone()[0]

def until(is_so):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False

def act(record, name, before=lambda: None):
    # as a job or a request: tried again when another transaction came first
    with Registry(env.cr.dbname).cursor() as own:
        own_env = api.Environment(own, SUPERUSER_ID, {{}})
        before()
        retrying(lambda: getattr(own_env[record._name].browse(record.id), name)(), own_env)

def wait_inside(hook, meanwhile, when=lambda run: True):
    # the first call of a method stops where it is until `meanwhile` is over
    cls = env.registry["onep.import"]
    method, lock, calls = getattr(cls, hook), threading.Lock(), []
    def stopped(self, *args, **kwargs):
        with lock:
            is_first = not calls and when(self)
            if is_first:
                calls.append(self.id)
        if is_first:
            meanwhile()
        return method(self, *args, **kwargs)
    setattr(cls, hook, stopped)
"""

PREPARE = """
names = {suppliers!r}
partners = {{name: env["res.partner"].create({{"name": name}}) for name in sorted(set(names))}}
for number, name in enumerate(names):
    env["onep.supplier.feed"].create(
        {{"name": f"feed-{{number}}", "partner_id": partners[name].id}})
"""

#: Both feeds send a file, three times; each lists what the other lists in the middle of it.
ROUNDS = """
def race(first, second):
    inside, met = threading.Event(), []
    def meanwhile():
        inside.set()
        met.append(until(someone_waits))
    wait_inside("_write_offers", meanwhile)
    threads = [
        threading.Thread(target=act, args=(first, "_job_import")),
        threading.Thread(target=act, args=(second, "_job_import", lambda: inside.wait(60))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert met == [True], "the imports did not meet"

rows = {rows}
for number in range(3):
    first = make_run(
        feed_of("feed-0"), f"un-{{number}}.csv", write(number * 40, rows, number, "un"))
    second = make_run(
        feed_of("feed-1"), f"deux-{{number}}.csv",
        write(rows // 3, rows + 2000 + 50 * number, number + 3, "deux"))
    cr.commit()
    if {at_once}:
        race(first, second)
    else:
        act(first, "_job_import")
        act(second, "_job_import")
    cr.rollback()
    assert (first.state, second.state, count_locks()) == ("done", "done", 0)
"""

#: What imports leave behind, without ids and times, in a fixed order.
OUTCOMES = {
    "offers": """
        SELECT partner.name, offer.supplier_sku, feed.name, offer.gtin, offer.name,
               offer.price_untaxed, offer.previous_price_untaxed, offer.stock_quantity,
               offer.is_present, offer.change_kind, pivot.gtin, first.file_name, last.file_name
          FROM onep_supplier_offer AS offer
          JOIN res_partner AS partner ON partner.id = offer.partner_id
          JOIN onep_supplier_feed AS feed ON feed.id = offer.feed_id
          LEFT JOIN onep_product AS pivot ON pivot.id = offer.product_id
          LEFT JOIN onep_import AS first ON first.id = offer.first_import_id
          LEFT JOIN onep_import AS last ON last.id = offer.last_import_id
         ORDER BY 1, 2""",
    "history": """
        SELECT partner.name, offer.supplier_sku, run.file_name, past.kind, past.price_before,
               past.price_after, past.stock_before, past.stock_after, past.others::text
          FROM onep_supplier_offer_history AS past
          JOIN onep_supplier_offer AS offer ON offer.id = past.offer_id
          JOIN res_partner AS partner ON partner.id = offer.partner_id
          JOIN onep_import AS run ON run.id = past.import_id
         ORDER BY 1, 2, 3, 4""",
    "products": "SELECT gtin, name, brand FROM onep_product ORDER BY 1",
    "issues": """
        SELECT run.file_name, issue.line, issue.rule, issue.state
          FROM onep_import_issue AS issue JOIN onep_import AS run ON run.id = issue.import_id
         ORDER BY 1, 2, 3""",
    "counts": """
        SELECT file_name, state, row_count, accepted_count, quarantined_count, new_count,
               changed_count, unchanged_count, gone_count
          FROM onep_import ORDER BY id""",
    "published": """
        SELECT feed.name, run.file_name
          FROM onep_supplier_feed AS feed JOIN onep_import AS run
            ON run.id = feed.published_import_id
         ORDER BY 1""",
}


def shell(database, program, **values):
    """Run a program of this file; the last line it prints."""
    lines = run_shell(database, (COMMON + program).format(**values)).splitlines()
    return lines[-1] if lines else ""


def read_outcomes(database):
    from odoo.sql_db import connection_info_for

    _name, info = connection_info_for(database)
    connection = psycopg2.connect(**info)
    try:
        with connection.cursor() as cr:
            found = {}
            for name, statement in OUTCOMES.items():
                cr.execute(statement)
                found[name] = cr.fetchall()
            cr.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            (found["deadlocks"],) = cr.fetchone()
            return found
    finally:
        connection.close()


@pytest.mark.parametrize(
    "suppliers",
    [("Martin", "Durand"), ("Martin", "Martin")],
    ids=["two suppliers that share GTINs", "one supplier whose feeds share SKUs"],
)
def test_two_feeds_that_publish_at_once_leave_what_one_after_the_other_leaves(suppliers):
    outcomes = []
    for at_once in (False, True):
        with scratch_database() as database:
            shell(database, PREPARE + ROUNDS, suppliers=suppliers, rows=ROWS, at_once=at_once)
            outcomes.append(read_outcomes(database))
    one_by_one, at_once = outcomes
    for name, expected in one_by_one.items():
        assert at_once[name] == expected, f"{name} differ"
    assert at_once["deadlocks"] == 0
    keys = [row[:2] for row in at_once["offers"]]
    assert len(set(keys)) == len(keys) > ROWS
    assert len(at_once["products"]) == len({row[3] for row in at_once["offers"]})
    assert {row[3] for row in at_once["history"]} >= {"changed"}


CANCEL = """
run = env["onep.import"].browse({run_id})
moment, cancelled = {moment!r}, []
def cancel():
    act(run, "action_cancel")
    cancelled.append(True)
canceller = threading.Thread(target=cancel)
if moment == "waits for its turn":
    from odoo.addons.onep_sourcing.sql import staging
    other = db_connect(env.cr.dbname).cursor()
    other.execute(staging.lock_publication())
    worker = threading.Thread(target=act, args=(run, "_job_import"))
    worker.start()
    assert until(someone_waits)
    cancel()
    other.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    worker.join(120)
elif moment == "begins to write":
    wait_inside("_match_staged", cancel)
    act(run, "_job_import")
elif moment == "writes offers":
    wait_inside("_write_offers", cancel)
    act(run, "_job_import")
elif moment == "has written them":
    wait_inside("_after_import", cancel)
    act(run, "_job_import")
elif moment == "is about to commit":
    def meanwhile():
        canceller.start()
        assert until(someone_waits)
    def is_ending(record):
        if record.state == "done":
            record.env.flush_all()  # its own row is locked
            return True
    wait_inside("_notify_run", meanwhile, is_ending)
    act(run, "_job_import")
    canceller.join(60)
else:
    act(run, "_job_import")
    cancel()
assert cancelled == [True]
cr.rollback()
print(run.state, count_locks())
"""

#: One file is imported, another waits.
TWO_FILES = """
known = make_run(feed_of("feed-0"), "un.csv", write(0, {rows}, 0, "un"))
cr.commit()
act(known, "_job_import")
cr.rollback()
assert known.state == "done"
print(make_run(feed_of("feed-0"), "deux.csv", write(100, {rows} + 500, 1, "un")).id)
"""

PERFORM = """
run = env["onep.import"].browse({run_id})
run.action_import()
cr.commit()
act(run, "_job_import")
cr.rollback()
print(run.state)
"""


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("waits for its turn", "cancelled"),
        ("begins to write", "cancelled"),
        ("writes offers", "cancelled"),
        ("has written them", "cancelled"),
        ("is about to commit", "done"),
        ("is done", "done"),
    ],
)
def test_an_import_cancelled_while_it_publishes_is_whole_or_nothing(moment, state):
    with scratch_database() as database:
        run_id = shell(database, PREPARE + TWO_FILES, suppliers=("Martin",), rows=ROWS)
        before = read_outcomes(database)
        told = shell(database, CANCEL, run_id=run_id, moment=moment)
        assert told == f"{state} 0"
        after = read_outcomes(database)
        if state == "cancelled":
            for name in ("offers", "history", "products", "issues", "published"):
                assert after[name] == before[name], f"{name} changed all the same"
            assert shell(database, PERFORM, run_id=run_id) == "done"
            after = read_outcomes(database)
        counts = {row[0]: row[1:] for row in after["counts"]}
        done, rows, accepted, quarantined, new, changed, unchanged, gone = counts["deux.csv"]
        assert (done, rows, accepted + quarantined) == ("done", ROWS + 400, ROWS + 400)
        assert (gone, accepted) == (100 - 1, new + changed + unchanged)
        assert len(after["offers"]) == len(before["offers"]) + new
        assert len(after["history"]) == changed + gone
        assert after["published"] == [("feed-0", "deux.csv")]
        assert after["deadlocks"] == 0
