from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.counted import counted


class OnepPickingAdd(models.TransientModel):
    """Which picking list the chosen opportunities go to."""

    _name = "onep.picking.add"
    _description = "Add opportunities to a picking list"

    opportunity_ids = fields.Many2many("onep.opportunity", readonly=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    opportunity_count = fields.Integer(compute="_compute_summary")
    offer_count = fields.Integer(
        compute="_compute_summary", help="Distinct supplier offers: each is bought once."
    )
    note = fields.Text(compute="_compute_summary")
    list_id = fields.Many2one(
        "onep.picking.list",
        string="Picking list",
        default=lambda self: self._default_list(),
        domain="[('state', 'in', ('draft', 'proposed')), ('company_id', '=', company_id)]",
        help="Empty: a new list.",
    )
    name = fields.Char(string="Name of the new list", help="Empty: it is numbered.")
    deadline = fields.Date()

    @api.model
    def _default_list(self):
        """The buyer's latest list that is still a draft."""
        return self.env["onep.picking.list"].search(
            [
                ("state", "=", "draft"),
                ("user_id", "=", self.env.uid),
                ("company_id", "=", self.env.company.id),
            ],
            limit=1,
        )

    @api.depends("opportunity_ids", "list_id")
    def _compute_summary(self):
        for wizard in self:
            opportunities = wizard.opportunity_ids
            wizard.opportunity_count = len(opportunities)
            wizard.offer_count = len(opportunities.supplier_offer_id)
            wizard.note = "\n".join(wizard._get_notes()) or False

    def _get_notes(self):
        """What a buyer should know before adding, a sentence each."""
        opportunities = self.opportunity_ids
        texts = []
        here = self.list_id.line_ids.supplier_offer_id & opportunities.supplier_offer_id
        if here:
            texts.append(
                counted(
                    len(here),
                    self.env._("1 is in this list already."),
                    self.env._("%(count)s are in this list already.", count=len(here)),
                )
            )
        elsewhere = opportunities.filtered(
            lambda opp: set((opp.open_list_text or "").split(", ")) - {"", self.list_id.name or ""}
        )
        if elsewhere:
            texts.append(
                counted(
                    len(elsewhere),
                    self.env._("1 is in another open list."),
                    self.env._("%(count)s are in another open list.", count=len(elsewhere)),
                )
            )
        unknown = opportunities.filtered(lambda opp: not opp.margin_known)
        if unknown:
            texts.append(
                counted(
                    len(unknown),
                    self.env._("1 has an unknown margin."),
                    self.env._("%(count)s have an unknown margin.", count=len(unknown)),
                )
            )
        losing = opportunities.filtered(lambda opp: opp.margin_known and opp.net_margin < 0)
        if losing:
            texts.append(
                counted(
                    len(losing),
                    self.env._("1 would lose money."),
                    self.env._("%(count)s would lose money.", count=len(losing)),
                )
            )
        demo = opportunities.filtered("is_demo")
        if demo:
            texts.append(
                counted(
                    len(demo),
                    self.env._("1 rests on the demo market's figures."),
                    self.env._("%(count)s rest on the demo market's figures.", count=len(demo)),
                )
            )
        return texts

    def action_add(self):
        """Add, say what happened and offer to open the list."""
        self.ensure_one()
        picking = self.list_id or self._create_list()
        lines = picking._add_opportunities(self.opportunity_ids)
        if not lines:
            raise UserError(self.env._("All of these are in %(name)s already.", name=picking.name))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": counted(
                    len(lines),
                    self.env._("1 line added to %s."),
                    self.env._("%(count)s lines added to %%s.", count=len(lines)),
                ),
                "links": [
                    {
                        "label": picking.name,
                        "url": f"/odoo/picking-lists/{picking.id}",
                    }
                ],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_add_and_open(self):
        """Add, then go on with the list."""
        self.ensure_one()
        picking = self.list_id or self._create_list()
        picking._add_opportunities(self.opportunity_ids)
        return picking._get_records_action()

    def _create_list(self):
        return self.env["onep.picking.list"].create(
            {
                "name": self.name or "/",
                "deadline": self.deadline,
                "company_id": self.company_id.id,
            }
        )
