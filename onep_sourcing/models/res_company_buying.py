from odoo import fields, models


class ResCompany(models.Model):
    """How a company orders: where to, what it stores, which products orders create, when
    proposals are made.
    """

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
    onep_storage_days = fields.Integer(
        string="Longest storage (days)",
        help="An article is not advised in a quantity that, with what we have, lasts longer. "
        "0: no limit.",
    )
    onep_storage_m3 = fields.Float(
        string="Storage room (m³)",
        digits=(16, 3),
        help="For what a picking list buys; each list may say otherwise. 0: no limit.",
    )
    onep_storage_kg = fields.Float(
        string="Storage weight (kg)",
        digits=(16, 1),
        help="For what a picking list buys; each list may say otherwise. 0: no limit.",
    )
    onep_proposal_hour = fields.Integer(
        string="Proposals from",
        default=6,
        help="Hour of the day from which morning proposals are made, where the company is.",
    )

    _onep_proposal_hour_of_day = models.Constraint(
        "CHECK(onep_proposal_hour BETWEEN 0 AND 23)", "An hour of the day goes from 0 to 23."
    )
    _onep_storage_positive = models.Constraint(
        "CHECK(onep_storage_days >= 0 AND onep_storage_m3 >= 0 AND onep_storage_kg >= 0)",
        "A limit of storage cannot be negative; 0 means no limit.",
    )
