from odoo import api, fields, models

from ..clients.fnac import FnacClient

SECRETS = ("fnac_key",)


class OnepMarketplace(models.Model):
    """What a Fnac or Darty shop needs: the XML seller API."""

    _inherit = "onep.marketplace"

    fnac_partner_id = fields.Char(
        "Partner Id", groups="onep_marketplace_connectors.group_connector_manager"
    )
    fnac_shop_id = fields.Char(
        "Shop Id",
        help="Fnac and Darty give one shop id each: make one account per shop.",
        groups="onep_marketplace_connectors.group_connector_manager",
    )
    fnac_key = fields.Char(
        "Key",
        compute=lambda self: self._compute_secret("fnac_key"),
        inverse=lambda self: self._inverse_secret("fnac_key"),
        groups="onep_marketplace_connectors.group_connector_manager",
    )
    fnac_pricing = fields.Selection(
        [("v3", "All offers (prices_query)"), ("v1", "Best price only (pricing_query)")],
        "Price Service",
        default="v3",
        required=True,
        help="Falls back by itself when the shop has no access to all offers.",
        groups="onep_marketplace_connectors.group_connector_manager",
    )
    fnac_batch_size = fields.Integer(
        "EANs per Call",
        default=200,
        help="Lowered by itself when Fnac finds a call too big.",
        groups="onep_marketplace_connectors.group_connector_manager",
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
            "pricing": self.fnac_pricing or "v3",
            "batch_size": str(self.fnac_batch_size or 200),
        }

    def _remember(self, learned):
        if self.platform == "fnac" and learned:
            vals = {}
            if "pricing" in learned:
                vals["fnac_pricing"] = learned["pricing"]
            if "batch_size" in learned:
                vals["fnac_batch_size"] = int(learned["batch_size"])
            self.sudo().write(vals)
        return super()._remember(learned)

    def _get_demo_addresses(self, base):
        if self.platform != "fnac":
            return super()._get_demo_addresses(base)
        return f"{base}/fnac/api.php", ""
