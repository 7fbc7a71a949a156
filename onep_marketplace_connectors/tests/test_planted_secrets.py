"""Secrets planted in every account, then looked for in everything the system writes or answers."""

import json
import logging
import sys
import traceback
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from .market_case import (
    SETTINGS,
    MarketplaceCase,
    OneProcess,
    gtins,
    load_simulator,
    start_simulator,
)

#: The simulator's word for each secret, by platform.
PLANTED = {
    "amazon_client_secret": ("AMAZON", "client_secret", "amzn1.oa2-cs.v1.plantedA7c19e"),
    "amazon_refresh_token": ("AMAZON", "refresh_token", "Atzr|IwEBplantedB55d0"),
    "fnac_key": ("FNAC", "key", "9a9a9a9a-9a9a-4a9a-8a9a-9a9a9aplantC"),
    "cdiscount_client_secret": ("CDISCOUNT", "client_secret", "plantedD0c4f7e2b"),
    "mirakl_api_key": ("MIRAKL", "key", "plantedE-31f0-4d55"),
}
#: Entered by mistake: the marketplaces refuse them, and must not echo them through us.
WRONG = {key: value[::-1] + "wrongF" for key, (_p, _n, value) in PLANTED.items()}
FORMER = "amzn1.oa2-cs.v1.formerG81ab"
PASSWORD = "connector-Role-9"


class Everything(logging.Handler):
    """Every line that any logger writes, at any level, with its traceback."""

    def __init__(self):
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@tagged("standard", "post_install", "-at_install")
class TestPlantedSecrets(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = start_simulator(cls)
        cls.env["ir.config_parameter"].set_param(
            "onep_marketplace_connectors.demo_market_url", cls.simulator.url
        )
        accounts = sys.modules[f"{load_simulator().__name__}.accounts"]
        for place, name, value in PLANTED.values():
            cls.startClassPatcher(patch.dict(getattr(accounts, place)[0], {name: value}))
        cls.tokens = []
        issue = accounts.Tokens.issue

        def note(tokens, account):
            cls.tokens.append(issue(tokens, account))
            return cls.tokens[-1]

        cls.startClassPatcher(patch.object(accounts.Tokens, "issue", note))
        for client_class in cls.env["onep.marketplace"]._get_client_classes().values():
            cls.startClassPatcher(patch.object(client_class, "limits", {}))
        make_user = MarketplaceCase.make_user.__func__
        other = cls.env["res.company"].create({"name": "Planted other company"})
        cls.roles = {
            "planted_user": make_user(cls, "planted_user", "group_connector_user"),
            "planted_manager": make_user(cls, "planted_manager", "group_connector_manager"),
            "planted_other": make_user(
                cls,
                "planted_other",
                "group_connector_manager",
                company_id=other.id,
                company_ids=[(6, 0, other.ids)],
            ),
            "planted_admin": make_user(
                cls,
                "planted_admin",
                "group_connector_manager",
                group_ids=[
                    (4, cls.env.ref("base.group_system").id),
                    (4, cls.env.ref("onep_marketplace_connectors.group_connector_manager").id),
                ],
            ),
        }
        for user in cls.roles.values():
            user.password = PASSWORD

    def setUp(self):
        super().setUp()
        self.handler = Everything()
        loggers = [logging.getLogger()] + [
            logger
            for logger in logging.Logger.manager.loggerDict.values()
            if isinstance(logger, logging.Logger)
        ]
        for logger in loggers:
            self.addCleanup(logger.setLevel, logger.level)
            self.addCleanup(setattr, logger, "disabled", logger.disabled)
            logger.setLevel(logging.DEBUG)
            logger.disabled = False
            if not logger.propagate:
                logger.addHandler(self.handler)
                self.addCleanup(logger.removeHandler, self.handler)
        logging.getLogger().addHandler(self.handler)
        self.addCleanup(logging.getLogger().removeHandler, self.handler)
        self.answers = []

    @property
    def needles(self):
        return [
            *(value for _place, _name, value in PLANTED.values()),
            *WRONG.values(),
            FORMER,
            *self.tokens,
        ]

    def assertNothingIn(self, text, where):
        found = [needle for needle in self.needles if needle in text]
        if found:
            at = text.index(found[0])
            self.fail(f"{found} in {where}: …{text[max(at - 300, 0) : at + 200]}…")

    def rpc(self, model, method, *args, **kwargs):
        """Ask as a browser does; keeps the whole answer, an error's traceback included."""
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": list(args),
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        self.answers.append(answer.text)
        self.assertNothingIn(answer.text, f"the answer of {model}.{method}")
        return answer.json()

    def enter(self, platform):
        """Make an account and enter its keys as a manager does on screen; returns it."""
        account = MarketplaceCase.make_marketplace.__func__(
            type(self), platform, name=f"Planted {platform}", company_id=self.env.company.id
        )
        for key, (_place, _name, value) in PLANTED.items():
            if key.startswith(platform):
                # first another one, so that a former secret is kept too
                for entered in (FORMER, value):
                    saved = self.rpc(
                        "onep.marketplace",
                        "web_save",
                        account.ids,
                        {key: entered},
                        specification={key: {}, "name": {}},
                    )
                    self.assertEqual(saved["result"][0]["name"], account.name)
                    self.assertEqual(len(set(saved["result"][0][key])), 1, "a mask")
        account.invalidate_recordset()
        return account

    def run_job(self, uuid):
        """Run a job as the queue does, and keep what the queue would keep."""
        job = Job.load(self.env, uuid)
        # in this transaction: a cursor of its own would not see what the test made
        job.job_config = job.job_config._replace(allow_commit=False)
        try:
            job.perform()
            job.set_done()
        except RetryableJobError:
            job.postpone(result=traceback.format_exc(), seconds=1)
            job.set_pending(reset_retry=False)
        except Exception as error:  # noqa: BLE001
            job.set_failed(
                exc_info=traceback.format_exc(),
                exc_name=type(error).__name__,
                exc_message=str(error),
            )
        job.store()
        self.env.invalidate_all()

    def get_waiting_jobs(self):
        return self.env["queue.job"].search(
            [("model_name", "=like", "onep.%"), ("state", "=", "pending")]
        )

    def clear(self, account):
        """What a fault left: nothing waits, no breaker is open."""
        self.simulator.reset()
        store = OneProcess()
        self.patch(type(account), "_get_limits_store", lambda _account: store)
        for runs in (account.sync_ids, account.reading_ids):
            runs.filtered(lambda run: run.state in ("queued", "running")).action_cancel()
        self.env["onep.market.task"].search([("marketplace_id", "=", account.id)]).unlink()
        self.get_waiting_jobs().state = "cancelled"

    def work(self, account):
        """Everything an account does: test, own offers, prices, with every fault there is."""
        kinds = sys.modules[f"{load_simulator().__name__}.faults"].KINDS
        for fault in (None, *kinds):
            self.clear(account)
            if fault:
                if fault.startswith("slow"):
                    continue  # takes its time and says nothing
                self.simulator.faults.add(fault, count=None)
            account.action_check_connection()
            self.answers.append(account.last_check_message)
            account._sync(gtins(4))
            kinds_to_read = account._get_reading_kinds()
            if fault and "categories" in kinds_to_read:
                kinds_to_read.remove("categories")  # the same calls, a hundred times
            self.env["onep.marketplace.reading"]._enqueue_for(account, kinds_to_read)
            for uuid in self.get_waiting_jobs().mapped("uuid"):
                self.run_job(uuid)
            runs = [*account.sync_ids, *account.reading_ids]
            self.answers += [run.error_message or "" for run in runs]
            if not fault:
                self.assertEqual({run.state for run in runs}, {"done"}, "it does work")
        self.clear(account)

    def break_a_job(self, account):
        """A bug in the middle of a job, with the client and its secrets on the stack."""
        reading_class = type(self.env["onep.marketplace.reading"])

        def breaks(run, client):
            secrets = dict(client.account.secrets)
            raise RuntimeError(f"planted bug with {client.account!r} and {len(secrets)} keys")

        run = self.env["onep.marketplace.reading"]._enqueue_for(account, ["offers"])
        with patch.object(reading_class, "_read_pages", breaks):
            self.run_job(run.job_uuid)
        job = Job.load(self.env, run.job_uuid)
        self.assertEqual(job.state, "failed", job.result)
        self.assertIn("planted bug", job.exc_info)

    def enter_wrong_keys(self, account):
        keys = {key: value for key, value in WRONG.items() if key.startswith(account.platform)}
        account.write(keys)
        account.action_check_connection()
        self.assertEqual(account.connection_state, "failed")
        self.answers.append(account.last_check_message)

    def ask_everything(self, role, accounts):
        """What a user of a role can ask about the accounts and their secrets."""
        self.authenticate(role, PASSWORD)
        fields = self.rpc("onep.marketplace", "fields_get")["result"]
        ids = accounts.ids
        self.rpc("onep.marketplace", "read", ids)
        self.rpc("onep.marketplace", "read", ids, list(fields))
        self.rpc("onep.marketplace", "search_read", [["id", "in", ids]])
        self.rpc(
            "onep.marketplace",
            "web_search_read",
            domain=[["id", "in", ids]],
            specification={name: {} for name in fields},
        )
        self.rpc("onep.marketplace", "export_data", ids, list(fields))
        self.rpc("onep.marketplace", "name_search", "plant")
        self.rpc("onep.marketplace", "default_get", list(fields))
        self.rpc("onep.marketplace", "get_views", [[False, "form"], [False, "list"]])
        self.rpc("onep.marketplace", "copy_data", ids)
        for key, (_place, _name, value) in PLANTED.items():
            # not the whole one: whoever sends it knows it already
            guess = [[key, "ilike", value[: len(value) // 2]]]
            hit = self.rpc("onep.marketplace", "search_read", guess, ["name"])
            self.assertNotIn("Planted", json.dumps(hit.get("result", "")))
            self.rpc("onep.marketplace", "formatted_read_group", [], [key], ["__count"])
            self.rpc("onep.marketplace", "read", ids, [key])
        for model in ("onep.marketplace.secret", "onep.secret.mixin"):
            for method, args in (
                ("search_read", [[]]),
                ("read", [accounts.sudo().secret_ids.ids, ["encrypted", "former_encrypted"]]),
                ("export_data", [accounts.sudo().secret_ids.ids, ["key", "encrypted"]]),
                ("formatted_read_group", [[], ["encrypted"], ["__count"]]),
                ("name_search", ["amazon"]),
                ("web_search_read", [[], {"encrypted": {}}]),
            ):
                answer = self.rpc(model, method, *args)
                self.assertIn("error", answer, f"{role}: {model}.{method}")
                for secret in accounts.sudo().secret_ids:
                    self.assertNotIn(secret.encrypted, json.dumps(answer))
        for method in ("_get_account", "_get_secret", "_get_client", "_decrypt"):
            self.assertIn("error", self.rpc("onep.marketplace", method, ids))
        for model in ("queue.job", "mail.message", "mail.tracking.value", "mail.activity"):
            self.rpc(model, "search_read", [], limit=500)

    def export_and_mail(self, account):
        """A saved export of every field, and a template that tries to print the keys."""
        names = [key for key in PLANTED if key.startswith(account.platform)]
        export = self.env["ir.exports"].create(
            {
                "name": "Planted",
                "resource": "onep.marketplace",
                "export_fields": [(0, 0, {"name": name}) for name in [*names, "name"]],
            }
        )
        rows = account.export_data(export.export_fields.mapped("name"))["datas"]
        self.assertIn(account.name, str(rows))
        self.assertNothingIn(str(rows), "an export")
        template = self.env["mail.template"].create(
            {
                "name": "Planted",
                "model_id": self.env["ir.model"]._get_id("onep.marketplace"),
                "subject": f"{{{{ object.name }}}} {{{{ object.{names[0]} }}}}",
                "body_html": "".join(f'<p t-out="object.{name}"/>' for name in names),
                "email_to": "somebody@example.com",
            }
        )
        mail = self.env["mail.mail"].browse(template.send_mail(account.id))
        self.assertIn(account.name, mail.subject)
        account.message_post(body="Keys were entered", subject=mail.subject)

    def assertNothingInTheDatabase(self):
        self.env.flush_all()
        tables = self.env.execute_query(
            SQL(
                "SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        )
        wanted = [f"%{needle}%" for needle in self.needles]
        wanted += [f"%{needle.encode().hex()}%" for needle in self.needles]
        seen = 0
        for (table,) in tables:
            rows = self.env.execute_query(
                SQL(
                    "SELECT t::text FROM %s t WHERE t::text LIKE ANY(%s) LIMIT 1",
                    SQL.identifier(table),
                    wanted,
                )
            )
            self.assertFalse(rows, f"a secret in the table {table}")
            seen += 1
        self.assertGreater(seen, 100)
        found = self.env.execute_query(
            SQL("SELECT 1 FROM onep_marketplace t WHERE t::text LIKE '%%Planted amazon%%'")
        )
        self.assertTrue(found, "this look would find what is there")

    def test_planted_secrets_come_out_nowhere(self):
        self.authenticate("planted_manager", PASSWORD)
        platforms = [code for code, _name in self.env["onep.marketplace"]._selection_platform()]
        self.assertEqual(
            {key for key in PLANTED if key.split("_")[0] in platforms},
            set(self.env["onep.marketplace"]._get_all_secret_keys()),
            "a secret that this test does not plant",
        )
        accounts = self.env["onep.marketplace"]
        for platform in platforms:
            account = self.enter(platform)
            account.action_check_connection()
            self.assertEqual(account.connection_state, "ok", account.last_check_message)
            self.work(account)
            self.break_a_job(account)
            self.export_and_mail(account)
            accounts |= account
        self.assertGreater(len(self.tokens), 2, "access tokens are looked for too")
        self.assertTrue(self.env["onep.marketplace.call"].search_count([]), "calls were logged")
        for role in self.roles:
            self.ask_everything(role, accounts)
        for account in accounts:
            self.enter_wrong_keys(account)
        for text in self.answers:
            self.assertNothingIn(text, "what people read")
        log = "\n".join(self.handler.lines)
        self.assertNothingIn(log, "the log")
        # the looks above would find what is there
        self.assertIn(" DEBUG ", log)
        self.assertIn("'amazon_client_secret': '***'", log)
        self.assertIn("Planted fnac", "".join(self.answers))
        self.assertIn(SETTINGS["fnac_partner_id"], "".join(self.answers))
        # last, as the questions name what they look for
        self.assertNothingInTheDatabase()
