import logging
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, config, split_every

_logger = logging.getLogger(__name__)

KEY_OPTION = "onep_secret_key"
KEY_VARIABLE = "ONEP_SECRET_KEY"
KEY_FILE = "onep_secret.key"
ROTATION_BATCH = 200
NAMED_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Rotation:
    """What an encryption with the newest key came to.

    count: secrets encrypted again
    failures: those that none of the server's keys opens, as “owner: secret”
    """

    count: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other):
        return Rotation(self.count + other.count, self.failures + other.failures)


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

    #: Names of the fields that hold a cipher text.
    _cipher_fields = ("encrypted",)

    key = fields.Char(required=True)
    encrypted = fields.Char(required=True, groups=NO_ACCESS)

    @api.model
    def _get_cipher(self):
        """The server's cipher; raises UserError when its keys are unusable."""
        keys = config.get(KEY_OPTION) or os.environ.get(KEY_VARIABLE) or self._get_key_from_file()
        try:
            return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError:  # its words may hold a part of the key
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
        value = value.strip()
        if secret:
            secret.write(secret._prepare_replaced_vals(value) | self._prepare_secret_vals(value))
        else:
            self.sudo().create(
                {self._owner_field: owner.id, "key": key, **self._prepare_secret_vals(value)}
            )

    @api.model
    def _prepare_secret_vals(self, value):
        """What is written when a secret is entered."""
        return {"encrypted": self._get_cipher().encrypt(value.encode()).decode()}

    def _prepare_replaced_vals(self, value):
        """What is written besides when a secret takes the place of a former one (hook)."""
        return {}

    def _rotate(self):
        """Encrypt again with the server's first key; what cannot be opened stays as it is.

        A secret that someone enters meanwhile is left alone: it has the first key already.
        """
        cipher = self._get_cipher()
        self.flush_recordset(self._cipher_fields)
        count, failures = 0, []
        for secret in self:
            former = {name: secret[name] for name in self._cipher_fields if secret[name]}
            try:
                renewed = {
                    name: cipher.rotate(text.encode()).decode() for name, text in former.items()
                }
            except InvalidToken:
                failures.append(f"{secret[self._owner_field].display_name}: {secret.key}")
                continue
            unchanged = SQL(" AND ").join(
                SQL("%s = %s", SQL.identifier(name), text) for name, text in former.items()
            )
            values = SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), text) for name, text in renewed.items()
            )
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET %s WHERE id = %s AND %s RETURNING id",
                    SQL.identifier(self._table),
                    values,
                    secret.id,
                    unchanged,
                )
            )
            count += 1
        self.invalidate_model(self._cipher_fields)
        return Rotation(count, tuple(failures))

    @api.model
    def _rotate_all(self):
        """Encrypt every secret of every addon again, in short transactions; returns a Rotation.

        Nothing stops meanwhile: all of the server's keys decrypt, before and after.
        """
        total = Rotation()
        for name in self._get_secret_models():
            Secret = self.env[name].sudo()
            for ids in split_every(ROTATION_BATCH, Secret.search([], order="id").ids):
                total += Secret.browse(ids).exists()._rotate()
                self._commit_rotation()
        _logger.info(
            "%s secrets encrypted again, %s could not be opened", total.count, len(total.failures)
        )
        return total

    @api.model
    def _get_secret_models(self):
        """Names of the models that keep secrets, of all addons."""
        mixin = self.env.registry["onep.secret.mixin"]
        return sorted(
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        )

    @api.model
    def _count_secrets(self):
        """How many secrets this database keeps."""
        return sum(self.env[name].sudo().search_count([]) for name in self._get_secret_models())

    @api.model
    def _get_key_source(self):
        """Where the server's keys come from: ``option``, ``variable`` or ``file``."""
        if config.get(KEY_OPTION):
            return "option"
        return "variable" if os.environ.get(KEY_VARIABLE) else "file"

    @api.model
    def _prepare_rotation_notice(self, rotation):
        """What a Rotation came to, as a notification for whoever pressed the button."""
        words = [
            self.env._("%(count)s secrets are encrypted with the newest key.", count=rotation.count)
        ]
        if rotation.failures:
            named = ", ".join(rotation.failures[:NAMED_FAILURES])
            words.append(
                self.env._(
                    "%(count)s could not be opened with any of the server's keys: %(names)s. Put"
                    " the key they were made with back behind the others in %(option)s, or enter"
                    " them again. Until then keep the former keys.",
                    count=len(rotation.failures),
                    names=named + (" …" if len(rotation.failures) > NAMED_FAILURES else ""),
                    option=KEY_OPTION,
                )
            )
        else:
            words.append(self.env._("The former keys can be removed from the server."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if rotation.failures else "success",
                "sticky": bool(rotation.failures),
                "title": self.env._("Encryption keys"),
                "message": " ".join(words),
            },
        }

    @api.model
    def _commit_rotation(self):
        """Keep what is done, so that nobody waits for the rest. Tests never commit."""
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
