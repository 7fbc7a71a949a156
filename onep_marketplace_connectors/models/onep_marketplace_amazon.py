from datetime import timedelta

from odoo import api, fields, models

from ..clients.amazon import AmazonClient

SECRET_LIFE_DAYS = 180
SECRETS = ("amazon_client_secret", "amazon_refresh_token")


class OnepMarketplace(models.Model):
    """What an Amazon account needs: Selling Partner API, authorised by Login with Amazon."""

    _inherit = "onep.marketplace"

    amazon_seller_id = fields.Char(
        "Merchant Id", groups="onep_marketplace_connectors.group_connector_manager"
    )
    amazon_client_id = fields.Char(
        "LWA Client Id", groups="onep_marketplace_connectors.group_connector_manager"
    )
    amazon_client_secret = fields.Char(
        "LWA Client Secret",
        compute=lambda self: self._compute_secret("amazon_client_secret"),
        inverse=lambda self: self._inverse_secret("amazon_client_secret"),
        groups="onep_marketplace_connectors.group_connector_manager",
        help="Lives 180 days, then has to be rotated in the developer console.",
    )
    amazon_refresh_token = fields.Char(
        "Refresh Token",
        compute=lambda self: self._compute_secret("amazon_refresh_token"),
        inverse=lambda self: self._inverse_secret("amazon_refresh_token"),
        groups="onep_marketplace_connectors.group_connector_manager",
    )
    amazon_secret_expires_on = fields.Date(
        "Client Secret Expires on",
        compute="_compute_amazon_secret_expires_on",
        groups="onep_marketplace_connectors.group_connector_manager",
    )
    amazon_offer_detail = fields.Boolean(
        "Read Each Offer",
        default=True,
        help="Also read who holds the buy box and how many offers Amazon ships. Five times slower"
        " at Amazon's normal quotas.",
    )
    amazon_retail_seller_id = fields.Char(
        "Amazon's Own Seller Id",
        help="Merchant id under which Amazon itself sells here; empty takes the usual one.",
        groups="onep_marketplace_connectors.group_connector_manager",
    )

    @api.depends("secret_ids.set_at")
    def _compute_amazon_secret_expires_on(self):
        for marketplace in self:
            secret = marketplace.sudo().secret_ids.filtered(
                lambda secret: secret.key == "amazon_client_secret"
            )
            marketplace.amazon_secret_expires_on = (
                secret.set_at.date() + timedelta(days=SECRET_LIFE_DAYS) if secret else False
            )

    @api.model
    def _get_client_classes(self):
        return super()._get_client_classes() | {"amazon": AmazonClient}

    @api.model
    def _get_platform_names(self):
        return super()._get_platform_names() | {"amazon": "Amazon"}

    @api.model
    def _get_all_secret_keys(self):
        return [*super()._get_all_secret_keys(), *SECRETS]

    def _get_secret_keys(self):
        return list(SECRETS) if self.platform == "amazon" else super()._get_secret_keys()

    @api.model
    def _get_connection_fields(self):
        return super()._get_connection_fields() | {"amazon_client_id", "amazon_seller_id"}

    def _get_client_settings(self):
        if self.platform != "amazon":
            return super()._get_client_settings()
        return {
            "client_id": self.amazon_client_id or "",
            "seller_id": self.amazon_seller_id or "",
            "retail_seller_id": self.amazon_retail_seller_id or "",
            "offer_detail": "1" if self.amazon_offer_detail else "",
        }

    def _get_demo_addresses(self, base):
        if self.platform != "amazon":
            return super()._get_demo_addresses(base)
        return f"{base}/amazon", f"{base}/amazon/auth/o2/token"
