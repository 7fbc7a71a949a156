from odoo import api, fields, models

from ..clients.cdiscount import CdiscountClient

SECRETS = ("cdiscount_client_secret",)
MANAGER = "onep_marketplace_connectors.group_connector_manager"


class OnepMarketplace(models.Model):
    """What a Cdiscount account needs: Octopia's seller API."""

    _inherit = "onep.marketplace"

    cdiscount_client_id = fields.Char(
        "Client Id",
        groups=MANAGER,
        help="Seller back office of Cdiscount (Octopia) ▸ API credentials ▸ create. When the id"
        " comes from somebody else, accept it on the same page.",
    )
    cdiscount_client_secret = fields.Char(
        "Client Secret",
        compute=lambda self: self._compute_secret("cdiscount_client_secret"),
        inverse=lambda self: self._inverse_secret("cdiscount_client_secret"),
        groups=MANAGER,
        help="Shown once beside the client id, when it is created.",
    )
    cdiscount_seller_id = fields.Char(
        "Seller Id", groups=MANAGER, help="The number beside the API credentials."
    )
    cdiscount_sales_channel = fields.Char(
        "Sales Channel",
        default="CDISFR",
        help="CDISFR is cdiscount.com in France. The test of the connection lists those you have.",
        groups=MANAGER,
    )

    @api.model
    def _get_client_classes(self):
        return super()._get_client_classes() | {"cdiscount": CdiscountClient}

    @api.model
    def _get_platform_names(self):
        return super()._get_platform_names() | {"cdiscount": "Cdiscount"}

    @api.model
    def _get_all_secret_keys(self):
        return [*super()._get_all_secret_keys(), *SECRETS]

    def _get_secret_keys(self):
        return list(SECRETS) if self.platform == "cdiscount" else super()._get_secret_keys()

    @api.model
    def _get_connection_fields(self):
        return super()._get_connection_fields() | {
            "cdiscount_client_id",
            "cdiscount_seller_id",
            "cdiscount_sales_channel",
        }

    def _get_client_settings(self):
        if self.platform != "cdiscount":
            return super()._get_client_settings()
        return {
            "client_id": self.cdiscount_client_id or "",
            "seller_id": self.cdiscount_seller_id or "",
            "sales_channel": self.cdiscount_sales_channel or "CDISFR",
        }

    def _get_environments(self):
        """Octopia has no sandbox."""
        environments = super()._get_environments()
        return environments - {"sandbox"} if self.platform == "cdiscount" else environments

    def _get_rights_advice(self):
        if self.platform != "cdiscount":
            return super()._get_rights_advice()
        return self.env._(
            "In the seller back office, page API credentials, accept the client id for this"
            " seller and tick these areas."
        )

    def _get_demo_addresses(self, base):
        if self.platform != "cdiscount":
            return super()._get_demo_addresses(base)
        return (
            f"{base}/octopia/seller/v2",
            f"{base}/octopia/auth/realms/maas/protocol/openid-connect/token",
        )
