from odoo import fields, models


class ResCompany(models.Model):
    """How a company orders: where to, which products orders create, when proposals are made."""

    _inherit = "res.company"

    onep_warehouse_id = fields.Many2one(
        "stock.warehouse",
        string="Usual warehouse",
        domain="[('company_id', '=', id)]",
        help="Where new picking lists have their goods received. Empty: the company's first.",
    )
    onep_create_products = fields.Boolean(
        string="Create missing products",
        default=True,
        help="No: an order of an article that is no product of Odoo is refused, with the list of "
        "what is missing.",
    )
    onep_complete_products = fields.Boolean(
        string="Complete known products",
        help="Fill what a product of Odoo lacks too, when it is ordered. Nothing is overwritten.",
    )
    onep_fill_brand = fields.Boolean(
        string="Brand",
        default=True,
        help="In the brand field when one is installed, else as a product tag.",
    )
    onep_fill_weight = fields.Boolean(string="Weight", default=True)
    onep_fill_dimensions = fields.Boolean(string="Volume", default=True)
    onep_fill_category = fields.Boolean(
        string="Category",
        default=True,
        help="The Odoo category that the article's category is mapped to.",
    )
    onep_fill_hs_code = fields.Boolean(string="HS code", default=True)
    onep_fill_origin = fields.Boolean(string="Country of origin", default=True)
    onep_proposal_hour = fields.Integer(
        string="Proposals from",
        default=6,
        help="Hour of the day from which morning proposals are made, where the company is.",
    )

    _onep_proposal_hour_of_day = models.Constraint(
        "CHECK(onep_proposal_hour BETWEEN 0 AND 23)", "An hour of the day goes from 0 to 23."
    )
