"""Every text of the channels by its stable code: what went wrong, and what is worth telling.

Codes are stored with feeds and translated by Odoo; a text may change, a code may not. A text says
what to do next.
"""

from __future__ import annotations


def _(text: str) -> str:
    """Mark an English text for extraction into the addon's .po files; returns it as it is."""
    return text


ERRORS: dict[str, str] = {
    # try again
    "server-busy": _("%(host)s asks to come back later (%(status)s). It is tried again by itself."),
    "server-down": _(
        "%(host)s has a problem of its own at the moment (%(status)s). It is tried again by itself."
    ),
    "server-silent": _("%(host)s does not answer. It is tried again by itself."),
    "connection-refused": _(
        "%(host)s refuses the connection on port %(port)s. It is tried again by itself; if it "
        "lasts, check the host and the port with the supplier."
    ),
    "file-not-ready": _(
        "%(host)s has no file ready yet (%(status)s). It is tried again by itself."
    ),
    "proxy-silent": _(
        "The proxy %(host)s does not answer on port %(port)s. It is tried again by itself; if it "
        "lasts, tell the server's administrator."
    ),
    "proxy-failed": _(
        "The proxy %(host)s could not reach %(target)s (%(status)s). It is tried again by itself."
    ),
    "connection-cut": _(
        "The connection to %(host)s was cut before the file was complete. Nothing was imported; "
        "it is tried again by itself."
    ),
    "too-slow": _(
        "%(host)s sends too slowly: after %(minutes)s minutes the file was not complete. It is "
        "tried again by itself."
    ),
    "still-written": _(
        "%(file)s is still being written by the supplier. It is taken once it is complete."
    ),
    # not there
    "host-unknown": _(
        "The name %(host)s is not known on the Internet. Check the spelling of the address."
    ),
    "address-not-found": _(
        "%(host)s answers, but has nothing at this address (%(status)s). Check the address, or "
        "ask the supplier for the new one."
    ),
    "folder-not-found": _("There is no folder %(folder)s on %(host)s. Check the folder."),
    "file-gone": _("%(file)s disappeared from %(host)s before it could be read."),
    "no-file-fits": _(
        "No file in %(folder)s fits the pattern %(pattern)s: %(count)s other files are there, for "
        "example %(example)s. Check the pattern."
    ),
    "folder-empty": _("The folder %(folder)s is empty: the supplier has not put a file yet."),
    # too large
    "file-too-large": _(
        "The file is larger than the %(limit_bytes)s allowed. Ask the supplier for a smaller one, "
        "or an administrator to raise the limit."
    ),
    "too-many-files": _(
        "The folder has more than %(limit)s files. Ask the supplier for a folder of its own for "
        "the price lists."
    ),
    "too-many-pages": _(
        "The source has more than %(limit)s pages. Ask for larger pages, or check the paging."
    ),
    # not what was set up
    "web-page": _(
        "%(host)s answered with a web page instead of a file: often a login page. Check the "
        "address and the login."
    ),
    "request-refused": _(
        "%(host)s refuses the request (%(status)s): %(detail)s. Check the settings of the source."
    ),
    "too-many-redirects": _("%(host)s sends from one address to the next without end."),
    "downgraded": _(
        "%(host)s sends from an encrypted address (https) to an unencrypted one (http), which is "
        "not followed. Ask the supplier for an address that stays with https."
    ),
    "token-unreadable": _(
        "%(host)s did not answer with an access token. Check the address of the tokens with the "
        "supplier's documentation."
    ),
    "token-redirected": _(
        "%(host)s sends to another address for the access token, where our secret is not sent. "
        "Enter the address it moved to."
    ),
    "page-too-large": _(
        "One answer of the source is larger than %(limit_bytes)s. Ask for smaller pages (Records a "
        "page); a file of any size is fetched as a web address."
    ),
    "bad-target": _(
        "%(host)s sends to an address that cannot be fetched. Ask the supplier for the right one."
    ),
    "not-json": _("%(host)s did not answer with JSON. Check the address."),
    "records-not-found": _(
        "The answer has no records at “%(path)s”. What it has: %(found)s. Set the path of the "
        "records."
    ),
    "records-not-objects": _(
        "What is at “%(path)s” is not a list of records. Set the path of the records."
    ),
    "paging-ignored": _(
        "Page %(page)s is the same as the one before: the source ignores the parameter "
        "“%(parameter)s”. Check its name in the supplier's documentation."
    ),
    "names-unreadable": _(
        "%(host)s has file names in an encoding that is not known. Ask the supplier for plain "
        "names, without accents."
    ),
    "ftp-refused": _("%(host)s refuses a command: %(detail)s. Check the settings of the source."),
    # somebody has to act
    "login-refused": _(
        "%(host)s refuses the login. Enter the login and the password (or key) again; checks are "
        "suspended until then, so that the account is not locked."
    ),
    "token-refused": _(
        "%(host)s gives no access token: %(detail)s. Check client id, client secret, scope and how "
        "they are sent; checks are suspended until then."
    ),
    "proxy-login": _(
        "The proxy %(host)s refuses our login. The server's administrator sets it in the option "
        "%(option)s of the server's configuration."
    ),
    "proxy-refused": _(
        "The proxy %(host)s does not let us reach %(target)s (%(status)s). Ask the server's "
        "administrator to open it."
    ),
    "bad-proxy": _(
        "The proxy of the server's configuration (option %(option)s) is not an address like "
        "http://proxy.lan:3128. Ask the server's administrator."
    ),
    "access-refused": _(
        "%(host)s knows the login but refuses access to this place. Ask the supplier for the "
        "right; checks are suspended until the settings change."
    ),
    "key-unusable": _(
        "The private key cannot be used: it is not a key in OpenSSH or PEM form, or its "
        "passphrase is wrong. Enter it again."
    ),
    "login-missing": _("No login is set. Enter what the supplier gave you."),
    "host-key-changed": _(
        "%(host)s does not show the key we know (%(known)s) but %(seen)s. Someone may be in "
        "between: ask the supplier. If they changed their server, empty “Server key”."
    ),
    "certificate-refused": _(
        "The certificate of %(host)s is not valid: %(detail)s. Ask the supplier; when they signed "
        "it themselves, put it in “Certificate of the server”."
    ),
    "private-address": _(
        "%(host)s is an address of a private network (%(address)s), which feeds may not reach. An "
        "administrator can allow it (system parameter %(parameter)s)."
    ),
    "folder-not-allowed": _(
        "The folder %(folder)s is not below a folder that the server's administrator allows "
        "(option %(option)s of the server's configuration)."
    ),
    "no-folder-allowed": _(
        "No folder is open to feeds. The server's administrator opens one with the option "
        "%(option)s of the server's configuration."
    ),
    "bad-address": _(
        "The address is not one that can be fetched. It starts with https:// or http:// and holds "
        "no login."
    ),
    "token-in-clear": _(
        "The address of the tokens starts with http://, although the source is encrypted: the "
        "client secret would travel in clear. Enter one that starts with https://."
    ),
    "bad-certificate": _(
        "“Certificate of the server” is not a certificate: paste its text, from BEGIN CERTIFICATE "
        "to END CERTIFICATE."
    ),
    "bad-host-key": _("“Server key” is not a key print: it looks like SHA256:… ."),
    "bad-headers": _("“Headers” cannot be read: write one a line, as Name: value."),
    "bad-body": _("“Body” is not a JSON object: {…}."),
}

NOTES: dict[str, str] = {
    "still-written": ERRORS["still-written"],
    "not-moved": _(
        "%(file)s was taken but could not be moved to %(folder)s: the server's user may not write "
        "there. It is remembered instead."
    ),
    "key-learned": _(
        "First contact with %(host)s: from now on only its key %(seen)s is accepted. Compare it "
        "with the one the supplier gives."
    ),
    "no-encryption": _(
        "Login and file travel unencrypted to %(host)s. Ask the supplier for FTPS or SFTP."
    ),
}
