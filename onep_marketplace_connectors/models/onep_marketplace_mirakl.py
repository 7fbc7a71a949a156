import ipaddress
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..clients.mirakl import MiraklClient
from .onep_secret_owner_mixin import MASK

SECRETS = ("mirakl_api_key",)
MANAGER = "onep_marketplace_connectors.group_connector_manager"


class OnepMarketplace(models.Model):
    """What a Mirakl account needs: the address of its operator, and a key of that operator."""

    _inherit = "onep.marketplace"

    mirakl_instance_url = fields.Char(
        "Operator's Address",
        groups=MANAGER,
        copy=False,
        help="Where you log in as a seller, such as https://operator.mirakl.net. Each operator"
        " has its own: make one account per operator.",
    )
    mirakl_api_key = fields.Char(
        "API Key",
        compute=lambda self: self._compute_secret("mirakl_api_key"),
        inverse=lambda self: self._inverse_secret("mirakl_api_key"),
        groups=MANAGER,
        help="The operator's seller back office ▸ your name ▸ My user settings ▸ API key ▸"
        " Generate. A test system has another key.",
    )
    mirakl_shop_id = fields.Char(
        "Shop Number",
        groups=MANAGER,
        help="Only when your user serves several shops: the number in Settings ▸ Shop.",
    )
    mirakl_reference_type = fields.Char(
        "Name of the EAN",
        default="EAN",
        groups=MANAGER,
        help="What this operator calls the EAN: EAN, GTIN or another word. Its product template"
        " tells.",
    )
    mirakl_locale = fields.Char(
        "Language of the Answers", default="fr_FR", groups=MANAGER, help="Such as fr_FR or es_ES."
    )
    mirakl_new_state = fields.Char(
        "Codes of the Condition New",
        groups=MANAGER,
        help="Offers in these conditions are compared with yours; several are separated by commas."
        " Leave it empty to read the operator's own list (11 on most of them).",
    )

    @api.constrains("mirakl_instance_url", "environment", "platform")
    def _check_mirakl_address(self):
        """The key is sent to a public host, by https, and nowhere else."""
        for marketplace in self.sudo().filtered(lambda account: account.platform == "mirakl"):
            address = marketplace.mirakl_instance_url
            if not address:
                continue
            marketplace._check_address(address)
            if not marketplace.is_demo and not self._is_public_host(urlsplit(address).hostname):
                raise ValidationError(
                    self.env._(
                        "%(address)s is no public address: enter the one where you log in as a"
                        " seller of this operator.",
                        address=address,
                    )
                )

    @api.model
    def _is_public_host(self, host):
        """Whether a host name can be that of an operator: a name of the public internet."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            name = host.rstrip(".").lower()
            return "." in name and not name.endswith((".local", ".internal", ".localhost"))
        return False

    def write(self, vals):
        """Another operator never gets the key of the former one."""
        if vals.get("mirakl_api_key") == MASK:
            # as it was: that of the former operator
            vals = {name: value for name, value in vals.items() if name != "mirakl_api_key"}
        if "mirakl_instance_url" in vals and "mirakl_api_key" not in vals:
            moved = self.filtered(
                lambda account: (
                    account.sudo().mirakl_instance_url
                    and self._get_host(account.sudo().mirakl_instance_url)
                    != self._get_host(vals["mirakl_instance_url"])
                )
            )
            moved.sudo().mirakl_api_key = False
        return super().write(vals)

    @api.model
    def _get_host(self, address):
        return urlsplit(address or "").netloc.lower()

    def _get_rights_advice(self):
        if self.platform != "mirakl":
            return super()._get_rights_advice()
        return self.env._(
            "What a seller may read is the operator's choice: ask its seller support for these"
            " calls."
        )

    @api.model
    def _get_client_classes(self):
        return super()._get_client_classes() | {"mirakl": MiraklClient}

    @api.model
    def _get_platform_names(self):
        return super()._get_platform_names() | {"mirakl": "Mirakl"}

    @api.model
    def _get_all_secret_keys(self):
        return [*super()._get_all_secret_keys(), *SECRETS]

    def _get_secret_keys(self):
        return list(SECRETS) if self.platform == "mirakl" else super()._get_secret_keys()

    @api.model
    def _get_connection_fields(self):
        return super()._get_connection_fields() | {
            "mirakl_instance_url",
            "mirakl_shop_id",
            "mirakl_reference_type",
        }

    def _get_client_settings(self):
        if self.platform != "mirakl":
            return super()._get_client_settings()
        # left empty, what the operator taught stays in force
        states = {"new_state": self.mirakl_new_state} if self.mirakl_new_state else {}
        return {
            "shop_id": self.mirakl_shop_id or "",
            "reference_type": self.mirakl_reference_type or "EAN",
            "locale": self.mirakl_locale or "",
            **states,
        }

    def _get_addresses(self):
        """The operator's address; an administrator's word goes before it."""
        if self.platform == "mirakl" and not self.is_demo and not self.endpoint_url:
            return (self.mirakl_instance_url or "").rstrip("/"), ""
        return super()._get_addresses()

    def _get_demo_addresses(self, base):
        if self.platform != "mirakl":
            return super()._get_demo_addresses(base)
        return f"{base}/mirakl", ""
