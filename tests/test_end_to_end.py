"""The whole road in a real browser, on a live installation: a web process, a job runner, the
demo market over HTTP. Once in English, once in French.

Screenshots of each station go to the folder $ONEP_SCREENSHOTS when it is set.
"""

import os
import re
from pathlib import Path

import pytest

from .live_odoo import ROOT, live_odoo, run_shell, scratch_database

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(
    not os.environ.get("ONEP_TEST_DB") or not os.environ.get("ONEP_MARKET_URL"),
    reason="needs the database and the demo market that ./onep test starts",
)

PRICE_LIST = ROOT / "data" / "pharambre_parapharmacie.csv"
WORDS = {
    "en_US": {"done": "Done", "import": "Start import", "add": "Add to picking list"},
    "fr_FR": {"done": "Terminé", "import": "Lancer l'import", "add": "Ajouter à une liste"},
}
PREPARE = """
from odoo.tools import convert_file
env.company.country_id = env.ref("base.fr")
env.company.currency_id = env.ref("base.EUR")
env["ir.config_parameter"].set_param(
    "onep_marketplace_connectors.demo_market_url", {market!r})
convert_file(env, "onep_marketplace_connectors", "demo/onep_marketplace_demo.xml", {{}}, "init")
env["res.lang"]._activate_lang({lang!r})
env.ref("base.user_admin").lang = {lang!r}
env.ref("base.user_admin").password = "admin"
"""
OUTCOME = """
order = env["purchase.order"].search([], order="id desc", limit=1)
line = order.order_line[:1]
run = env["onep.import"].search([], limit=1)
print(run.state, run.row_count, run.accepted_count + run.quarantined_count)
print(order.state, len(order.order_line), bool(line.product_id.barcode), order.origin)
print(env["purchase.order"].search_count([]))
print(env["onep.picking.list"].search([], limit=1).state)
print(env["onep.opportunity"].search_count([("margin_known", "=", True)]) > 100)
"""


def find_browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        for folder in os.environ["PATH"].split(os.pathsep):
            path = Path(folder) / name
            if path.exists():
                return str(path)
    pytest.fail("no Chromium on the PATH: ./onep test installs one")


class Buyer:
    """A person at a browser: what they click, and what they see."""

    def __init__(self, page, base_url, name):
        self.page = page
        self.base_url = base_url
        self.name = name
        self.errors = []
        page.set_default_timeout(60_000)
        page.on(
            "console",
            lambda message: message.type == "error" and self.errors.append(message.text),
        )

    def shoot(self, station):
        folder = os.environ.get("ONEP_SCREENSHOTS")
        if folder:
            self.page.wait_for_timeout(600)
            self.page.screenshot(path=f"{folder}/{self.name}-{station}.png")

    def log_in(self):
        self.page.goto(f"{self.base_url}/web/login")
        self.page.fill("input[name=login]", "admin")
        self.page.fill("input[name=password]", "admin")
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def open(self, path, selector):
        self.page.goto(f"{self.base_url}/odoo/{path}")
        self.page.wait_for_selector(selector)

    def press(self, name):
        self.page.click(f".o_form_view button[name={name}]:visible")

    def press_in_dialog(self, name):
        self.page.click(f".modal button[name={name}]")

    def wait_for_state(self, state):
        """Wait until the status bar stands on a state: live, nobody reloads the page."""
        self.page.wait_for_selector(
            f".o_arrow_button_current[data-value={state}]", state="attached", timeout=120_000
        )

    def upload(self):
        self.open("feeds", ".o_onep_upload_button")
        self.shoot("1-feeds-empty")
        self.page.set_input_files(".o_onep_upload_input", str(PRICE_LIST))
        self.page.wait_for_selector(".o_onep_feed_upload .o_onep_mapping_preview tbody tr")

    def map_columns(self):
        page = self.page
        assert not page.is_visible("button[name=action_confirm]"), "a supplier is asked for"
        page.fill(".o_field_widget[name=partner_id] input", "Comptoir Pharambre")
        page.click(".o-autocomplete--dropdown-item:has-text('Comptoir Pharambre') >> nth=0")
        self.shoot("2-mapping")
        page.wait_for_selector("button[name=action_confirm]:visible")
        assert page.is_visible(".o_onep_refused"), "a refused cell of the first rows is marked"

    def import_file(self, words):
        button = self.page.locator("button[name=action_confirm]")
        assert button.inner_text().strip() == words["import"]
        button.click()
        self.wait_for_state("done")
        self.page.wait_for_selector(f".o_arrow_button_current:has-text('{words['done']}')")
        self.shoot("3-import")

    def read_market(self):
        self.open("marketplaces", ".o_kanban_record")
        self.page.click(".o_kanban_record:has-text('Amazon') button[name=action_sync]")
        self.page.wait_for_selector(".o_form_view")
        self.wait_for_state("done")
        self.shoot("4-market")

    def choose(self, words):
        page = self.page
        for _attempt in range(60):  # the evaluation follows the market update by itself
            self.open("opportunities", ".o_view_controller")
            page.wait_for_timeout(1000)
            if page.locator(".o_data_row td[name=net_margin]").count():
                break
        self.shoot("5-opportunities")
        page.click(".o_data_row >> nth=0 >> td[name=name]")
        page.wait_for_selector(".o_form_view canvas, .o_form_view .o_onep_waterfall")
        self.shoot("6-opportunity")
        page.go_back()
        page.wait_for_selector(".o_data_row")
        for row in range(6):
            page.click(f".o_data_row >> nth={row} >> .o_list_record_selector input")
        page.click(f"button[name=action_add_to_picking_list]:has-text('{words['add']}')")
        page.wait_for_selector(".modal")
        self.shoot("7-add")
        self.press_in_dialog("action_add_and_open")
        page.wait_for_selector(".o_form_view .o_arrow_button_current[data-value=draft]")
        self.shoot("8-picking-list")

    def order(self):
        page = self.page
        if page.is_visible("button[name=action_fix_quantities]"):
            self.press("action_fix_quantities")
            page.wait_for_selector("button[name=action_fix_quantities]", state="hidden")
        self.press("action_propose")
        self.wait_for_state("proposed")
        self.press("action_approve")
        self.wait_for_state("approved")
        self.press("action_create_rfqs")
        page.wait_for_selector(".modal")
        self.shoot("9-rfq-wizard")
        page.click(".modal footer button.btn-primary, .modal .o_form_statusbar button.btn-primary")
        page.wait_for_selector(".o_form_view button[name=button_confirm], .o_data_row")
        if page.locator("button[name=button_confirm]").count() == 0:
            page.click(".o_data_row >> nth=0 >> td >> nth=1")
        page.wait_for_selector("button[name=button_confirm]")
        self.shoot("10-rfq")
        page.click("button[name=button_confirm]:visible >> nth=0")
        self.wait_for_state("purchase")
        self.shoot("11-order")


@pytest.mark.parametrize("lang", ["en_US", "fr_FR"])
def test_from_a_dropped_file_to_a_confirmed_order(lang, tmp_path):
    words = WORDS[lang]
    with scratch_database() as database:
        run_shell(database, PREPARE.format(market=os.environ["ONEP_MARKET_URL"], lang=lang))
        with (
            live_odoo(database, tmp_path) as base_url,
            playwright.sync_playwright() as driver,
            driver.chromium.launch(
                executable_path=find_browser(),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            ) as browser,
        ):
            page = browser.new_context(viewport={"width": 1500, "height": 950}).new_page()
            buyer = Buyer(page, base_url, lang)
            try:
                buyer.log_in()
                buyer.upload()
                buyer.map_columns()
                buyer.import_file(words)
                buyer.read_market()
                buyer.choose(words)
                buyer.order()
            except Exception:
                buyer.shoot("failed")
                print(*buyer.errors[:3], sep="\n")
                raise
            assert not buyer.errors, buyer.errors[:3]
        outcome = run_shell(database, OUTCOME).strip().splitlines()[-5:]
    assert outcome[0] == "done 1200 1200"
    assert re.fullmatch(r"purchase \d+ True .+", outcome[1]), outcome
    assert outcome[2] == "1"
    assert outcome[3] == "ordered"
    assert outcome[4] == "True"
