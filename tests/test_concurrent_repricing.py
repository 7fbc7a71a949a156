"""Jobs that price what a change marked, on connections of their own: two never work on one mark, a
mark that comes while one works stays, and a killed one loses none.
"""

import os

import pytest

from .live_odoo import run_shell, scratch_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB"), reason="needs the database that ./onep test makes"
)

#: The builders of the tests, on a database where everything is committed.
SCENE = """
import threading
from odoo.addons.onep_sourcing.tests.buying_case import GTINS, BuyingCase as Case
from odoo.addons.queue_job.exception import RetryableJobError
Evaluation = env.registry["onep.evaluation"]
store = Evaluation._store

def marks(env):
    return env["onep.evaluation.mark"].search_count([])

def margins(env):
    return sorted(env["onep.opportunity"].search([]).mapped("net_margin"))

def job(company_id, before=None, after=None):
    def patched(run, *args):
        before and before()
        store(run, *args)
        after and after()
    with Registry(env.cr.dbname).cursor() as own:
        own_env = api.Environment(own, SUPERUSER_ID, {})
        Evaluation._store = patched
        try:
            told = own_env["res.company"].browse(company_id)._job_price_waiting()
        except RetryableJobError:
            own.rollback()
            return "busy"
        except ZeroDivisionError:
            own.rollback()
            return "killed"
        finally:
            Evaluation._store = store
        return told
"""

PREPARE = (
    SCENE
    + """
Case.env, Case.eur, Case.country = env, env.ref("base.EUR"), env.ref("base.ad")
Case.eur.active = True
Case.company = env["res.company"].create(
    {"name": "Reseller", "currency_id": Case.eur.id, "country_id": Case.country.id})
Case.env = env = env(context={"allowed_company_ids": Case.company.ids})
Case.make_fees()
Case.feed = Case.make_feed(Case.make_supplier("Grossiste"))
Case.marketplace = Case.make_marketplace()
for gtin in GTINS[:3]:
    Case.make_offer(gtin)
    Case.make_market_offer(gtin)
cr.commit()
print(job(Case.company.id))
"""
)

ACT = (
    SCENE
    + """
company = env["res.company"].search([("name", "=", "Reseller")])
line = env["onep.rate.card"].search([("name", "=", "Amazon Andorra")]).line_ids

def change(rate):
    with Registry(env.cr.dbname).cursor() as own:
        line.with_env(api.Environment(own, SUPERUSER_ID, {})).rate = rate

def jobs():
    return env["queue.job"].search_count(
        [("identity_key", "=", f"onep_evaluation_waiting-{company.id}"), ("state", "=", "pending")])

def look():
    cr.rollback()
    return marks(env), margins(env)

env["queue.job"].search([]).unlink()
cr.commit()
change(0.2)
print("changed", *look(), jobs())
print("killed", job(company.id, after=lambda: 1 / 0), *look())
stored, tried = threading.Event(), threading.Event()
other = []
first = threading.Thread(target=lambda: other.append(
    job(company.id, after=lambda: (stored.set(), tried.wait(30)))))
first.start()
stored.wait(30)
Evaluation._store = store
print("second", job(company.id), *look())
tried.set()
first.join(60)
print("first", other[0], *look())
print("third", job(company.id))
change(0.3)
print("meanwhile", job(company.id, before=lambda: change(0.4)), *look())
print("next", job(company.id), *look(), jobs())
runs = env["onep.evaluation"].search([("scope", "=", "waiting")])
print("runs", len(runs), set(runs.mapped("state")))
"""
)


def test_marks_between_connections():
    with scratch_database() as database:
        assert run_shell(database, PREPARE).splitlines()[-1] == "3 deals priced"
        told = run_shell(database, ACT).splitlines()
    assert told == [
        "changed 3 [8.0, 8.0, 8.0] 1",
        # nothing was committed: the marks wait for the next worker
        "killed killed 3 [8.0, 8.0, 8.0]",
        "second busy 3 [8.0, 8.0, 8.0]",
        "first 3 deals priced 0 [5.0, 5.0, 5.0]",
        "third Nothing to do: no deal waits.",
        # the job priced the rule as it found it, and leaves the marks of the later change
        "meanwhile 3 deals priced 3 [2.0, 2.0, 2.0]",
        "next 3 deals priced 0 [-1.0, -1.0, -1.0] 1",
        "runs 4 {'done'}",
    ]
