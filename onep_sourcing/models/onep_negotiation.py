from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..planning import negotiation as planning
from ..planning import negotiation_file
from .counted import counted
from .offer_values import format_number
from .onep_opportunity_selection import MOST_NEGOTIATED

STATES = [
    ("draft", "To send"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("cancelled", "Cancelled"),
]


class OnepNegotiation(models.Model):
    """Prices asked of a supplier at which near-misses become buys, and its answers."""

    _name = "onep.negotiation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Negotiation"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, copy=False, readonly=True, default="/")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, tracking=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    user_id = fields.Many2one(
        "res.users", string="Buyer", default=lambda self: self.env.user, tracking=True
    )
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, tracking=True, index=True
    )
    deadline = fields.Date(string="Answer wanted by", tracking=True)
    valid_to = fields.Date(
        string="Prices hold until", tracking=True, help="Empty: until another price is agreed."
    )
    target_roi = fields.Float(
        string="A buy from an ROI of",
        digits=(6, 4),
        default=lambda self: self.env.company.margin_target_roi,
    )
    target_margin_rate = fields.Float(
        string="And a net margin of",
        digits=(6, 4),
        default=lambda self: self.env.company.onep_target_margin_rate,
    )
    largest_cut = fields.Float(
        string="Ask for at most",
        digits=(6, 4),
        default=0.15,
        help="Share off today's price: what is further away is not asked for.",
    )
    line_ids = fields.One2many("onep.negotiation.line", "negotiation_id", string="Lines")
    line_count = fields.Integer(string="Lines count", compute="_compute_counts", store=True)
    agreed_count = fields.Integer(string="Agreed", compute="_compute_counts", store=True)
    saving = fields.Monetary(
        compute="_compute_counts",
        store=True,
        help="What the quantities would cost less at the prices asked for.",
    )
    agreed_saving = fields.Monetary(
        compute="_compute_counts", store=True, help="What they cost less at the prices agreed."
    )

    @api.depends(
        "line_ids.is_agreed", "line_ids.saving", "line_ids.quantity", "line_ids.answer_price"
    )
    def _compute_counts(self):
        for negotiation in self:
            lines = negotiation.line_ids
            agreed = lines.filtered("is_agreed")
            negotiation.line_count = len(lines)
            negotiation.agreed_count = len(agreed)
            negotiation.saving = sum(lines.mapped("saving"))
            negotiation.agreed_saving = sum(
                (line.price - line.answer_price) * line.quantity for line in agreed
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            sequence = self.env["ir.sequence"].with_company(company)
            vals["name"] = sequence.next_by_code("onep.negotiation") or "/"
        return super().create(vals_list)

    def action_find_lines(self):
        """Add the near-misses of this supplier that are not here yet."""
        self.ensure_one()
        self._check_state("draft")
        Opportunity = self.env["onep.opportunity"]
        domain = (
            Domain("partner_id", "child_of", self.partner_id.commercial_partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("supplier_offer_id.currency_id", "=", self.currency_id.id)
        )
        found = Opportunity.search(domain, limit=MOST_NEGOTIATED)
        added, counts = self._add_near_misses(found)
        more = 0
        if len(found) == MOST_NEGOTIATED:
            more = Opportunity.search_count(domain) - MOST_NEGOTIATED
        text = self._get_counts_text(added, counts) if added else self._get_nothing_to_ask(counts)
        if more:
            text = " ".join([text, self._get_more_text(more)])
        if not added:
            raise UserError(text)
        self.message_post(body=text)

    def _creation_message(self):
        return self.env._("Negotiation created")

    def _get_more_text(self, more):
        """Say that not everything was looked at, and how to reach the rest."""
        return self.env._(
            "Only the %(most)s best by score were looked at, not the other %(more)s: select those "
            "on the opportunities list and press “Negotiate”.",
            most=format_number(self.env, MOST_NEGOTIATED),
            more=format_number(self.env, more),
        )

    def _add_near_misses(self, opportunities):
        """Add the lines worth asking for.

        :return: (new lines, {verdict: number of offers that are not asked for})
        """
        self.ensure_one()
        here = set(self.line_ids.supplier_offer_id.ids)
        targets = planning.Targets(
            roi=self.target_roi,
            margin_rate=self.target_margin_rate or None,
            largest_cut=self.largest_cut,
        )
        best = {}
        for opportunity, asked in opportunities._ask(targets):
            offer_id = opportunity.supplier_offer_id.id
            known = best.get(offer_id)
            # An offer is sold where it takes the smallest cut.
            if known is None or _rank(asked) < _rank(known[1]):
                best[offer_id] = opportunity, asked
        counts, vals = dict.fromkeys(planning.VERDICTS, 0), []
        for offer_id, (opportunity, asked) in best.items():
            if offer_id in here:
                continue
            if asked["verdict"] == "near":
                vals.append(opportunity._prepare_negotiation_vals(asked))
            else:
                counts[asked["verdict"]] += 1
        self.check_access("write")
        Line = self.env["onep.negotiation.line"]
        added = Line.sudo().create([row | {"negotiation_id": self.id} for row in vals])
        return added.with_env(self.env), counts

    def _get_counts_text(self, added, counts):
        first = counted(
            len(added),
            self.env._("1 line to ask for."),
            self.env._("%(count)s lines to ask for.", count=len(added)),
        )
        return " ".join([first, *self._get_verdict_texts(counts)])

    def _get_nothing_to_ask(self, counts):
        return " ".join(
            [self.env._("There is nothing to ask for."), *self._get_verdict_texts(counts)]
        )

    @api.model
    def _get_verdict_texts(self, counts):
        """What is not asked for, a sentence each.

        :param counts: {verdict: number of offers}
        """
        words = {
            "buy": (
                self.env._("1 is a buy already."),
                self.env._("%(count)s are a buy already."),
            ),
            "near": (self.env._("1 is near."), self.env._("%(count)s are near.")),
            "far": (
                self.env._("1 would need a larger cut than you ask for."),
                self.env._("%(count)s would need a larger cut than you ask for."),
            ),
            "never": (
                self.env._("1 would lose money at any price."),
                self.env._("%(count)s would lose money at any price."),
            ),
            "unknown": (
                self.env._("Of 1 something is unknown."),
                self.env._("Of %(count)s something is unknown."),
            ),
        }
        return [
            counted(count, *words[verdict]) % {"count": count}
            for verdict, count in counts.items()
            if count
        ]

    def action_export(self):
        """Make the sheet in the supplier's language, and download it."""
        self.ensure_one()
        self._check_state("draft", "sent")
        if not self.line_ids:
            raise UserError(self.env._("Add lines to %(name)s first.", name=self.name))
        told = self.with_context(lang=self.partner_id.lang or self.env.lang)
        data = told._write_file()
        attachment = self.env["ir.attachment"].create(
            {
                "name": told.env._("Price request %(name)s.xlsx", name=self.name.replace("/", "-")),
                "raw": data,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        if self.state == "draft":
            self.state = "sent"
        self.message_post(
            body=counted(
                len(self.line_ids),
                self.env._("Price request of 1 line."),
                self.env._("Price request of %(count)s lines.", count=len(self.line_ids)),
            ),
            attachment_ids=attachment.ids,
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            # Not "download", after which the form would still say that it is to be sent.
            "target": "new",
        }

    def _write_file(self):
        """The sheet's bytes, in the language of the context."""
        notes = [
            self.env._(
                "From %(company)s, %(date)s",
                company=self.company_id.name,
                date=format_date(self.env, fields.Date.context_today(self)),
            ),
            self.env._(
                "Please fill in the last column with your untaxed unit price, and send this file "
                "back. Leave blank what you cannot lower."
            ),
        ]
        if self.deadline:
            notes.append(
                self.env._("Answer wanted by %(date)s", date=format_date(self.env, self.deadline))
            )
        if self.valid_to:
            notes.append(
                self.env._("Prices until %(date)s", date=format_date(self.env, self.valid_to))
            )
        headings = {
            "ref": self.env._("Our reference"),
            "sku": self.env._("Your SKU"),
            "ean": self.env._("EAN"),
            "name": self.env._("Article"),
            "quantity": self.env._("Quantity"),
            "price": self.env._("Today's price"),
            "asked": self.env._("Price asked for"),
            "currency": self.env._("Currency"),
            "answer": self.env._("Your answer"),
        }
        rows = [
            {
                "ref": line._get_ref(),
                "sku": line.supplier_sku,
                "ean": line.ean,
                "name": line.name,
                "quantity": line.quantity,
                "price": line.price,
                "asked": line.wanted_price,
                "currency": self.currency_id.name,
            }
            for line in self.line_ids
        ]
        title = self.env._("Price request %(name)s", name=self.name)
        return negotiation_file.write(rows, headings, title, notes)

    def action_import(self):
        """Ask for the file that the supplier sent back."""
        self.ensure_one()
        self._check_state("sent", "answered")
        answer = self.env["onep.negotiation.answer"].create({"negotiation_id": self.id})
        return answer._get_dialog()

    def action_cancel(self):
        """Put it aside; prices agreed by it no longer hold."""
        self.state = "cancelled"
        self.line_ids.filtered("is_agreed")._disagree()

    def action_reset(self):
        """Back to what is to be sent."""
        self._check_state("sent", "cancelled")
        self.state = "draft"

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for negotiation in self:
            if negotiation.state not in states:
                raise UserError(
                    self.env._(
                        "%(name)s is %(state)s: this cannot be done now.",
                        name=negotiation.name,
                        state=labels[negotiation.state].lower(),
                    )
                )


def _rank(asked):
    """Return what an offer's best marketplace has the least of: a verdict, then a cut."""
    order = ("buy", "near", "far", "never", "unknown")
    return order.index(asked["verdict"]), asked["cut"]
