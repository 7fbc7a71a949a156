import logging
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config

_logger = logging.getLogger(__name__)

KEY_OPTION = "onep_secret_key"
KEY_VARIABLE = "ONEP_SECRET_KEY"
KEY_FILE = "onep_secret.key"


class OnepSecretMixin(models.AbstractModel):
    """One secret of a record, encrypted. Nobody has access: code reads it as superuser.

    The encryption keys come from the server: option ``onep_secret_key`` or variable
    ``ONEP_SECRET_KEY``, comma-separated, the first encrypts and all decrypt. Without either, a
    key file is made in the data folder.
    """

    _name = "onep.secret.mixin"
    _description = "Secret"
    _log_access = False
    _rec_name = "key"

    #: Name of the field that points at the record whose secret it is.
    _owner_field = None

    key = fields.Char(required=True)
    encrypted = fields.Char(required=True)

    @api.model
    def _get_cipher(self):
        """The server's cipher; raises UserError when its keys are unusable."""
        keys = config.get(KEY_OPTION) or os.environ.get(KEY_VARIABLE) or self._get_key_from_file()
        try:
            return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError:
            raise UserError(
                self.env._(
                    "The server's encryption key (%(option)s) is not valid. Ask the administrator"
                    " to set a key made by the Fernet tool.",
                    option=KEY_OPTION,
                )
            ) from None

    @api.model
    def _get_key_from_file(self):
        """Key of the data folder, made on first use."""
        path = Path(config["data_dir"]) / KEY_FILE
        try:
            return path.read_text()
        except FileNotFoundError:
            pass
        _logger.warning(
            "No %s in the configuration: secrets are encrypted with a new key file in"
            " the data folder. Back it up apart from the database, or set the option.",
            KEY_OPTION,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as stream:
            stream.write(Fernet.generate_key().decode())
        return path.read_text()

    def _decrypt(self):
        """The secret in clear; raises UserError when the server's keys do not open it."""
        self.ensure_one()
        try:
            return self._get_cipher().decrypt(self.encrypted.encode()).decode()
        except InvalidToken:
            raise UserError(
                self.env._(
                    "The keys of %(owner)s cannot be decrypted with this server's encryption key."
                    " Enter them again, or put the former key back in %(option)s.",
                    owner=self[self._owner_field].display_name,
                    option=KEY_OPTION,
                )
            ) from None

    @api.model
    def _store(self, owner, key, value):
        """Encrypt and keep a secret; an empty value removes it."""
        secret = owner.sudo().secret_ids.filtered(lambda secret: secret.key == key)
        if not value:
            secret.unlink()
            return
        vals = self._prepare_secret_vals(value.strip())
        if secret:
            secret.write(vals)
        else:
            self.sudo().create({self._owner_field: owner.id, "key": key, **vals})

    @api.model
    def _prepare_secret_vals(self, value):
        """What is written when a secret is entered."""
        return {"encrypted": self._get_cipher().encrypt(value.encode()).decode()}

    def _rotate(self):
        """Encrypt again with the server's first key."""
        cipher = self._get_cipher()
        for secret in self:
            secret.encrypted = cipher.rotate(secret.encrypted.encode()).decode()
