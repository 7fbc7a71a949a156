from odoo import api, fields, models

from ..clients.amazon import AmazonClient

#: A client secret works this long; its predecessor still does for the overlap.
SECRET_LIFE_DAYS = 180
SECRET_OVERLAP_DAYS = 7
SECRETS = ("amazon_client_secret", "amazon_refresh_token")
MANAGER = "onep_marketplace_connectors.group_connector_manager"


class OnepMarketplace(models.Model):
    """What an Amazon account needs: Selling Partner API, authorised by Login with Amazon."""

    _inherit = "onep.marketplace"

    amazon_seller_id = fields.Char(
        "Merchant Id",
        groups=MANAGER,
        help="Seller Central ▸ Settings ▸ Account Info ▸ Your Merchant Token; begins with A.",
    )
    amazon_client_id = fields.Char(
        "LWA Client Id",
        groups=MANAGER,
        help="Developer Console of Seller Central or of the Solution Provider Portal ▸ your"
        " application ▸ LWA credentials ▸ View.",
    )
    amazon_client_secret = fields.Char(
        "LWA Client Secret",
        compute=lambda self: self._compute_secret("amazon_client_secret"),
        inverse=lambda self: self._inverse_secret("amazon_client_secret"),
        groups=MANAGER,
        help="Beside the client id. Lives 180 days, then has to be rotated there; the former one"
        " works for 7 days more.",
    )
    amazon_refresh_token = fields.Char(
        "Refresh Token",
        compute=lambda self: self._compute_secret("amazon_refresh_token"),
        inverse=lambda self: self._inverse_secret("amazon_refresh_token"),
        groups=MANAGER,
        help="Developer Console ▸ your application ▸ Authorize: shown once, begins with Atzr|."
        " One token serves all marketplaces of a region, such as Europe.",
    )
    amazon_secret_expires_on = fields.Date(
        "Client Secret Expires on",
        compute="_compute_amazon_secret",
        inverse="_inverse_amazon_secret_expires_on",
        groups=MANAGER,
        help="180 days after it was entered here. Correct it when the Developer Console says"
        " another day. The responsible is told 30, 14, 7 and 1 days before.",
    )
    amazon_former_until = fields.Datetime(
        "Former Secret Works until", compute="_compute_amazon_secret", groups=MANAGER
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
        groups=MANAGER,
    )

    @api.depends("secret_ids.expires_on", "secret_ids.former_until")
    def _compute_amazon_secret(self):
        for marketplace in self:
            secret = marketplace._get_amazon_secret()
            marketplace.amazon_secret_expires_on = secret.expires_on
            marketplace.amazon_former_until = (
                secret.former_until if secret and secret._has_former() else False
            )

    def _inverse_amazon_secret_expires_on(self):
        for marketplace in self:
            secret = marketplace._get_amazon_secret()
            expires_on = marketplace.amazon_secret_expires_on
            if secret and expires_on and secret.expires_on != expires_on:
                secret.write({"expires_on": expires_on, "warned_days": -1})

    def action_restore_amazon_secret(self):
        """Use the former client secret again, while Amazon still takes it."""
        self.ensure_one()
        self.check_access("write")
        secret = self._get_amazon_secret()
        if secret and secret._has_former():
            secret._restore_former()
            self.write({"connection_state": "unchecked", "last_check_message": False})
            return self.action_check_connection()
        return False

    def _get_amazon_secret(self):
        return self.sudo().secret_ids.filtered(lambda secret: secret.key == "amazon_client_secret")

    def _get_failure_message(self, error):
        """A new secret that is refused may be a typing error: the former one is at hand."""
        message = super()._get_failure_message(error)
        secret = self._get_amazon_secret()
        if error.rule == "secret-expired" and secret and secret._has_former():
            message += "\n" + self.env._(
                "Typed wrongly? Amazon still takes the former secret: press “Use the former"
                " secret” below, nothing stops meanwhile."
            )
        return message

    def _get_rights_advice(self):
        if self.platform != "amazon":
            return super()._get_rights_advice()
        return self.env._(
            "Tick the missing roles of the application (Product Listing, Pricing, Amazon"
            " Fulfillment) in the Developer Console, press Authorize there again and enter the"
            " new refresh token here."
        )

    def _get_expiry_advice(self, secret):
        if secret.key != "amazon_client_secret":
            return super()._get_expiry_advice(secret)
        return self.env._(
            "In the Developer Console of Seller Central, open your application, LWA credentials,"
            " Rotate secret. Enter the new one in the account here: the former one works for 7"
            " days more, so nothing stops. The refresh token stays as it is."
        )

    @api.model
    def _get_secret_life_days(self):
        return super()._get_secret_life_days() | {"amazon_client_secret": SECRET_LIFE_DAYS}

    @api.model
    def _get_secret_overlap_days(self):
        return super()._get_secret_overlap_days() | {"amazon_client_secret": SECRET_OVERLAP_DAYS}

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
