"""Words of the channels in the reader's language, from the codes that a feed keeps."""

from odoo import fields
from odoo.tools import format_datetime

from ..channels.rules import ERRORS, NOTES
from .ingest_messages import get_rule_message, translate


def get_channel_message(env, entry):
    """What one entry of a check or a test says.

    :param entry: {"rule": code, "params": {…}}; parameters whose name ends in ``_bytes`` or
        ``_at`` are shown as a size or a local time, and entries in an entry as their own text
    """
    rule, params = entry["rule"], dict(entry.get("params") or {})
    for name, value in params.items():
        if isinstance(value, dict):
            params[name] = get_channel_message(env, value)
        elif isinstance(value, list):
            params[name] = " ".join(get_channel_message(env, item) for item in value)
        elif name.endswith("_bytes"):
            params[name] = format_size(env, value)
        elif name.endswith("_at"):
            params[name] = format_moment(env, value)
    template = ERRORS.get(rule) or NOTES.get(rule)
    if template:
        return translate(env, template, params)
    text = _get_results(env).get(rule)
    if text:
        try:
            return text % params
        except (KeyError, TypeError, ValueError):
            return text  # kept by an earlier version, in other words
    return get_rule_message(env, {"rule": rule, "params": params})


def format_size(env, size):
    """A number of bytes as people say it, a question mark for an unknown one."""
    if size is None:
        return "?"
    for limit, label in ((1e9, env._("%s GB")), (1e6, env._("%s MB")), (1e3, env._("%s kB"))):
        if size >= limit:
            return label % f"{size / limit:.3g}"
    return env._("%s bytes", size)


def format_moment(env, moment):
    """A date and time kept as text, in the reader's zone; a question mark for an unknown one."""
    if not moment:
        return "?"
    return format_datetime(env, fields.Datetime.to_datetime(moment), dt_format="short")


def _get_results(env):
    """What a check or a test of the connection says when it worked."""
    return {
        # a check
        "nothing-new": env._("Nothing new: the file is the one of the last check."),
        "no-new-file": env._("No new file: %(count)s are there, all taken before."),
        "folder-waits": env._("No file is waiting."),
        "file-same": env._(
            "%(file)s is the same as the last imported file, byte for byte: nothing to import."
        ),
        "file-imported": env._("%(file)s (%(size_bytes)s) came in; its import was started."),
        "file-held": env._(
            "%(file)s came in and waits for someone to check its columns: %(reason)s"
        ),
        "file-waits": env._("Nothing new; %(file)s still waits for someone to check it."),
        "import-waits": env._(
            "Nothing new; the import of %(file)s still waits for someone to check it."
        ),
        "file-refused": env._(
            "%(file)s was refused: %(reason)s It is not fetched again until it changes, the "
            "settings or columns of the feed change, or someone presses “Fetch now”."
        ),
        "refused-before": env._(
            "%(file)s has not changed since it was refused: %(reason)s It is neither fetched nor "
            "imported again until it changes, the settings or columns of the feed change, or "
            "someone presses “Fetch now”."
        ),
        "file-dismissed": env._(
            "Nothing new: %(file)s is the file that someone set aside as not needed. It is taken "
            "again once it changes, or when someone presses “Fetch now”."
        ),
        "superseded": env._("A newer file of this feed was imported."),
        # why a file waits
        "layout-drifted": env._("its columns changed since the last file. %(changes)s"),
        "layout-drifted-more": env._(
            "its columns changed since the last file in %(count)s places. %(changes)s …"
        ),
        "first-file": env._("it is the first file of this feed."),
        "columns-changed": env._(
            "its columns are not those of the last file (new: %(new)s; gone: %(gone)s)."
        ),
        "columns-moved": env._("its columns are in another order than in the last file."),
        "mapping-incomplete": "%(detail)s",
        "file-unreadable": "%(detail)s",
        # mail
        "mail-received": env._("Mail from %(sender)s, “%(subject)s”."),
        "link-followed": env._("The link to %(host)s in the mail of %(sender)s is being fetched."),
        "sender-refused": env._(
            "A mail from %(sender)s was refused: this address is not among the allowed senders."
        ),
        "mail-without-file": env._(
            "The mail of %(sender)s has neither an attached price list nor a link to one. Read it "
            "in the messages below."
        ),
        "mail-several-files": env._(
            "The mail of %(sender)s has several files that fit (%(files)s), and a full catalogue "
            "is one file. Set a file pattern that fits only one of them."
        ),
        "mail-too-large": env._("%(file)s (%(size_bytes)s) is larger than allowed."),
        # a test of the connection
        "test-reached": env._("The connection works: %(host)s answers."),
        "test-files": env._("Files there: %(count)s; fitting the pattern: %(fitting)s."),
        "test-file": env._(
            "Next to be taken: %(file)s, %(size_bytes)s, changed on %(modified_at)s."
        ),
        "test-file-undated": env._("Next to be taken: %(file)s, %(size_bytes)s."),
        "test-file-unsized": env._("Next to be taken: %(file)s."),
        "test-format": env._("It is read as %(format)s. Columns: %(columns)s."),
        "test-format-later": env._(
            "It is too large to be read in a test; its format is found at the first import."
        ),
        "test-columns-known": env._(
            "The columns are those you confirmed: files are imported without asking."
        ),
        "test-columns-differ": env._("The next file will wait for you: %(reason)s"),
        "test-columns-new": env._("The first file will wait for you to check its columns."),
        "test-mail": env._("Files sent to %(address)s are taken when they come from: %(senders)s."),
        "test-no-alias": env._("Give the feed an e-mail address first."),
        "test-no-domain": env._(
            "This company has no e-mail domain for incoming mail. An administrator sets it in the "
            "general settings (Discuss, alias domain), with an incoming mail server."
        ),
        "test-no-sender": env._(
            "No sender is allowed yet: enter addresses, or give the supplier an e-mail address."
        ),
        # rarely
        "broken": env._(
            "The check broke on an unexpected error. The administrator finds it in the job; it is "
            "tried again at the next scheduled time."
        ),
    }
