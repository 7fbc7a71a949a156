from odoo import api, fields, models

from ..clients.fnac import MOST_V3, FnacClient

SECRETS = ("fnac_key",)
MANAGER = "onep_marketplace_connectors.group_connector_manager"


class OnepMarketplace(models.Model):
    """What a Fnac or Darty shop needs: the XML seller API."""

    _inherit = "onep.marketplace"

    fnac_shop_name = fields.Selection(
        [("fnac", "Fnac"), ("darty", "Darty")],
        "Shop",
        default="fnac",
        groups=MANAGER,
        help="Fnac and Darty are two shops with keys of their own: make one account per shop. The"
        " country is that of the shop: France, Belgium, Spain or Portugal.",
    )
    fnac_partner_id = fields.Char(
        "Partner Id",
        groups=MANAGER,
        help="Sent by your account manager at Fnac Darty when the API was opened for you.",
    )
    fnac_shop_id = fields.Char(
        "Shop Id", groups=MANAGER, help="Sent with the partner id; each shop has its own."
    )
    fnac_key = fields.Char(
        "Key",
        compute=lambda self: self._compute_secret("fnac_key"),
        inverse=lambda self: self._inverse_secret("fnac_key"),
        groups=MANAGER,
        help="Sent with the shop id. Lost? Your account manager makes another one.",
    )
    fnac_pricing = fields.Selection(
        [("v3", "All offers (prices_query)"), ("v1", "Best price only (pricing_query)")],
        "Price Service",
        default="v3",
        required=True,
        help="Falls back by itself when the shop has no access to all offers, and tries them again"
        " after a week.",
        groups=MANAGER,
    )
    fnac_batch_size = fields.Integer(
        "EANs per Call",
        default=200,
        help="Lowered by itself when Fnac finds a call too big, and raised again once it takes"
        " more.",
        groups=MANAGER,
    )

    @api.model
    def _get_client_classes(self):
        return super()._get_client_classes() | {"fnac": FnacClient}

    @api.model
    def _get_platform_names(self):
        return super()._get_platform_names() | {"fnac": "Fnac Darty"}

    @api.model
    def _get_all_secret_keys(self):
        return [*super()._get_all_secret_keys(), *SECRETS]

    def _get_secret_keys(self):
        return list(SECRETS) if self.platform == "fnac" else super()._get_secret_keys()

    @api.model
    def _get_connection_fields(self):
        return super()._get_connection_fields() | {"fnac_partner_id", "fnac_shop_id"}

    def _get_client_settings(self):
        if self.platform != "fnac":
            return super()._get_client_settings()
        return {
            "partner_id": self.fnac_partner_id or "",
            "shop_id": self.fnac_shop_id or "",
            "shop_name": dict(self._fields["fnac_shop_name"].selection)[
                self.fnac_shop_name or "fnac"
            ],
            "pricing": self.fnac_pricing or "v3",
            "batch_size": str(self.fnac_batch_size or 200),
        }

    def _remember(self, learned):
        """What Fnac teaches has fields of its own, so that it can be set back."""
        if self.platform != "fnac":
            return super()._remember(learned)
        others = dict(learned)
        vals = {}
        if "pricing" in others:
            vals["fnac_pricing"] = others.pop("pricing")
        if "batch_size" in others:
            vals["fnac_batch_size"] = int(others.pop("batch_size") or MOST_V3)
        if any(self.sudo()[name] != value for name, value in vals.items()):
            self.sudo().write(vals)
        return super()._remember(others)

    def _get_rights_advice(self):
        if self.platform != "fnac":
            return super()._get_rights_advice()
        return self.env._(
            "Ask your account manager at Fnac Darty, or their marketplace API team, to open these"
            " services for the shop; it takes some days."
        )

    def _get_demo_addresses(self, base):
        if self.platform != "fnac":
            return super()._get_demo_addresses(base)
        return f"{base}/fnac/api.php", ""
