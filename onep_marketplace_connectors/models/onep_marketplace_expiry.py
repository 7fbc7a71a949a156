from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_date

#: Days before the expiry of a secret at which the responsible is told; 0: it has expired.
WARN_DAYS = (30, 14, 7, 1, 0)
ACTIVITY = "onep_marketplace_connectors.mail_activity_type_secret"
#: The change should be done this long before the marketplace stops taking the secret.
MARGIN_DAYS = 7


class OnepMarketplace(models.Model):
    """Secrets that the marketplace lets expire: who is told, and when."""

    _inherit = "onep.marketplace"

    @api.model
    def _cron_watch_secrets(self):
        """Tell who is responsible of secrets about to expire; forget replaced ones."""
        Secret = self.env["onep.marketplace.secret"].sudo()
        Secret._forget_former()
        Secret._note_expiry()
        today = fields.Date.today()
        for secret in Secret.search(
            [
                ("expires_on", "<=", today + timedelta(days=WARN_DAYS[0])),
                ("marketplace_id.active", "=", True),
                ("marketplace_id.is_demo", "=", False),
            ]
        ):
            left = (secret.expires_on - today).days
            due = min(days for days in WARN_DAYS if left <= days)
            if secret.warned_days < 0 or due < secret.warned_days:
                secret.warned_days = due
                secret.marketplace_id._warn_of_expiry(secret)

    def _warn_of_expiry(self, secret):
        """One open activity per account, renewed as the day comes nearer."""
        self.ensure_one()
        user = self._get_responsible()
        account = self.with_context(lang=user.lang)
        today = fields.Date.today()
        vals = {
            "summary": account._get_expiry_summary(secret),
            "note": account._get_expiry_advice(secret),
            "date_deadline": max(today, secret.expires_on - timedelta(days=MARGIN_DAYS)),
            "user_id": user.id,
        }
        known = self.activity_search([ACTIVITY], only_automated=False)
        if known:
            known[0].write(vals)
        else:
            self.activity_schedule(ACTIVITY, **vals)

    def _get_expiry_summary(self, secret):
        """One line: which secret, until when."""
        params = {
            "secret": self._fields[secret.key]._description_string(self.env),
            "name": self.name,
            "date": format_date(self.env, secret.expires_on),
        }
        if secret.expires_on <= fields.Date.today():
            return self.env._("%(secret)s of %(name)s expired on %(date)s", **params)
        return self.env._("%(secret)s of %(name)s expires on %(date)s", **params)

    def _get_expiry_advice(self, secret):
        """How a secret is renewed (hook)."""
        return self.env._(
            "Make a new one in the marketplace's back office and enter it in the account."
        )

    def _get_expiry_lines(self):
        """Which secrets expire when, for the result of a test."""
        today = fields.Date.today()
        lines = []
        for secret in self.sudo().secret_ids.filtered("expires_on"):
            days = (secret.expires_on - today).days
            lines.append(
                self.env._(
                    "%(secret)s: valid until %(date)s, %(days)s days more.",
                    secret=self._fields[secret.key]._description_string(self.env),
                    date=format_date(self.env, secret.expires_on),
                    days=max(days, 0),
                )
            )
            if days <= WARN_DAYS[0]:
                lines.append(self._get_expiry_advice(secret))
        return lines

    def _close_expiry_activity(self):
        """The secret was renewed: nothing is left to do."""
        for marketplace in self:
            soon = fields.Date.today() + timedelta(days=WARN_DAYS[0])
            if not marketplace.sudo().secret_ids.filtered(
                lambda secret, soon=soon: secret.expires_on and secret.expires_on <= soon
            ):
                marketplace.activity_feedback(
                    [ACTIVITY], feedback=self.env._("The secret was renewed.")
                )

    @api.model
    def _get_secret_life_days(self):
        """Days that a secret lives after it was made, by key (hook)."""
        return {}

    @api.model
    def _get_secret_overlap_days(self):
        """Days that the marketplace takes a secret after it was replaced, by key (hook)."""
        return {}
