from odoo import api, fields, models
from odoo.exceptions import UserError

from ..sql import import_guard, row_check, staging
from ..sql import supplier_offer_gone as gone_sql
from .ingest_messages import get_rule_message

# Fewer prices than this say nothing about a catalogue as a whole.
MIN_PRICES = 5
# From this factor on, a change of the median price is a change of unit, not of market.
UNIT_FACTOR = 3.0
# The same for fewer prices than MIN_PRICES, if they are the whole file and all moved alike; in
# any other each is its own row's matter.
UNIT_FACTOR_OF_FEW = 10.0
# Why an import is held whose articles go: a person says whether they do.
GONE_RULES = ("held-gone", "held-deleted")
# Share of the catalogue that must move alike, or change its currency.
MAJORITY = 0.5


class OnepImport(models.Model):
    """What stops an import for a person, and the rows that only the database can judge.

    A held import has changed nothing: whatever the person decides, the file is read again.
    """

    _inherit = "onep.import"

    hold_reasons = fields.Json(
        string="Why it waits", copy=False, help="Why a person must look: [{rule, params}, …]."
    )
    hold_message = fields.Text(string="To check", compute="_compute_hold_message")
    holds_gone = fields.Boolean(string="Articles are missing", compute="_compute_hold_message")
    is_confirmed = fields.Boolean(
        string="Checked by a person", readonly=True, copy=False, help="It is not held any more."
    )
    is_drift_confirmed = fields.Boolean(
        readonly=True,
        copy=False,
        help="Who checked the columns accepted that prices changed as a whole.",
    )
    gone_policy = fields.Selection(
        [("mark", "Marked as gone"), ("keep", "Left in the catalogue")],
        string="Missing articles",
        default="mark",
        required=True,
        readonly=True,
        copy=False,
    )

    @api.depends("hold_reasons")
    @api.depends_context("lang")
    def _compute_hold_message(self):
        for run in self:
            reasons = run.hold_reasons or []
            run.hold_message = "\n".join(get_rule_message(self.env, entry) for entry in reasons)
            run.holds_gone = any(entry["rule"] in GONE_RULES for entry in reasons)

    def action_import_and_mark_gone(self):
        """Import a held file; what it does not list is marked as gone."""
        self._confirm("mark")

    def action_import_and_keep_missing(self):
        """Import a held file; what it does not list stays in the catalogue."""
        self._confirm("keep")

    def _confirm(self, gone_policy):
        if self.filtered(lambda run: run.state != "held"):
            raise UserError(self.env._("Only an import that waits to be checked can be confirmed."))
        self.write({"is_confirmed": True, "gone_policy": gone_policy})
        self._enqueue()

    def _marks_gone(self):
        return self.gone_policy == "mark"

    def _hold(self, reasons):
        """Leave everything as it was, and say why a person must look."""
        self.env.cr.execute(staging.drop())
        self.write(
            {
                "state": "held",
                "phase": False,
                "finished_at": fields.Datetime.now(),
                "hold_reasons": reasons,
            }
        )
        self._commit_progress()

    def _get_hold_reasons(self):
        """Why the staged file must be seen by a person, as rules with their figures."""
        if self.is_confirmed:
            return []
        return self._get_drift_reasons() + self._get_gone_reasons()

    def _get_gone_reasons(self):
        """A good part of the catalogue is missing from the file, or marked as deleted in it."""
        if not self._marks_gone():
            return []
        present, gone = self._count_gone()
        limit = self.feed_id._get_gone_limit()
        if not gone or gone <= present * limit:
            return []
        params = {
            "gone": gone,
            "known": present,
            "share": round(100 * gone / present),
            "limit": round(100 * limit),
        }
        rule = "held-gone" if self.feed_id.kind == "full" else "held-deleted"
        return [{"rule": rule, "params": params}]

    def _get_gone_condition(self):
        """Which offers go: what a full catalogue lacks, what another file marks as deleted."""
        feed = self.feed_id
        if feed.kind == "full":
            return gone_sql.is_absent(feed.id)
        return gone_sql.is_deleted(feed.partner_id.id, feed.company_id.id)

    def _count_gone(self):
        """(offers that are known: of the feed, or of its supplier where it sends only what
        changed; those of them that go).
        """
        env, feed = self.env, self.feed_id
        if feed.kind == "full":
            ((present, listed),) = env.execute_query(gone_sql.count_present(feed.id))
            if present == listed:
                return present, 0
        ((gone,),) = env.execute_query(gone_sql.count(self._get_gone_condition()))
        if feed.kind != "full":
            present = 0
            if gone:
                owner = (feed.partner_id.id, feed.company_id.id)
                ((present,),) = env.execute_query(gone_sql.count_of_supplier(*owner))
        return present, gone

    def _get_drift_reasons(self):
        """Prices moved as a whole, or the currency of most lines changed."""
        if self.is_drift_confirmed:
            return []
        ((known, pairs, moved, recurrenced),) = self.env.execute_query(import_guard.count_drift())
        if known >= MIN_PRICES and recurrenced > MAJORITY * known:
            params = {"changed": recurrenced, "known": known}
            return [{"rule": "held-currency", "params": params}]
        are_few = pairs < MIN_PRICES
        if moved <= MAJORITY * pairs or (are_few and moved < self.row_count):
            return []
        ((ratio, alike),) = self.env.execute_query(import_guard.measure_drift())
        if are_few and alike < 1:
            return []
        factor = UNIT_FACTOR_OF_FEW if are_few else UNIT_FACTOR
        if ratio >= factor or ratio <= 1 / factor:
            up = ratio >= 1
            params = {"factor": f"{ratio if up else 1 / ratio:.4g}", "moved": moved}
            return [{"rule": "held-price-up" if up else "held-price-down", "params": params}]
        for rate in () if are_few else self.feed_id._get_vat_rates():
            taxed = 1 + rate / 100
            for step, rule in ((taxed, "held-vat-added"), (1 / taxed, "held-vat-removed")):
                if rate and alike >= MAJORITY and abs(ratio / step - 1) < 0.003:
                    return [{"rule": rule, "params": {"rate": f"{rate:g}", "moved": moved}}]
        return []

    def _check_rows(self, currency, summary, has_new, trusted_lines=()):
        """Judge the staged rows by what is known: prices by what the article ever cost, EANs.

        :param has_new: some staged rows match no offer
        :param trusted_lines: lines whose price a person has looked at
        """
        cr, company = self.env.cr, self.company_id
        owner = {"partner_id": self.feed_id.partner_id.id, "company_id": company.id}
        severity = company.onep_price_jump_severity
        if severity == "refuse" and (self.is_confirmed or self.is_drift_confirmed):
            severity = "warn"
        factor = company.onep_price_jump_factor
        if severity != "none" and factor > 1 and (has_new or summary.is_doubtful(factor)):
            cr.execute(
                row_check.check_prices(
                    **owner,
                    factor=factor,
                    severity=severity,
                    currency=currency,
                    company_code=company.currency_id.name,
                    trusted_lines=list(trusted_lines),
                )
            )
            if cr.rowcount and severity == "refuse":
                cr.execute(row_check.forget_refused())
        if has_new or summary.renumbered:
            cr.execute(row_check.check_eans(**owner))
