"""Client errors and reasons in the words of the reader, by rule."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

ERRORS = {
    "rate-limited": _lt(
        "The call quota is spent; it goes on by itself in %(seconds)s s. Nothing to do."
    ),
    "service-down": _lt(
        "The marketplace does not answer at the moment (%(cause)s). It is tried again by itself."
    ),
    "circuit-open": _lt(
        "“%(operation)s” is paused after %(count)s failures in a row (%(cause)s). It is tried again"
        " by itself in %(seconds)s s."
    ),
    "retry-later": _lt("The marketplace asks to come back in %(seconds)s s."),
    "bad-credentials": _lt(
        "The marketplace refuses the keys of this account: %(detail)s. Check them in its back"
        " office and enter them again."
    ),
    "secret-expired": _lt(
        "The marketplace does not accept the client secret: it is wrong or has expired. Rotate it"
        " in the developer console and enter the new one."
    ),
    "authorisation-revoked": _lt(
        "The authorisation of this account was withdrawn or belongs to another application."
        " Authorise the application again and enter the new refresh token."
    ),
    "missing-permission": _lt(
        "The keys are right, but this account has no right to “%(operation)s”: %(detail)s. Ask for"
        " the right in the marketplace's back office."
    ),
    "client-not-linked": _lt(
        "The keys are right, but this seller has not accepted them. Accept the client id in the"
        " seller back office (API credentials)."
    ),
    "wrong-seller": _lt("The marketplace does not know the seller id %(seller)s."),
    "contract-changed": _lt(
        "The marketplace answered “%(operation)s” in an unexpected form (%(detail)s). The connector"
        " has to be updated; tell your administrator."
    ),
    "request-refused": _lt(
        "The marketplace refused the request “%(operation)s”: %(detail)s. Tell your administrator."
    ),
    "item-not-found": _lt("The marketplace does not know %(reference)s."),
    "item-refused": _lt("The marketplace refused %(reference)s: %(detail)s"),
    "unsupported-country": _lt("This platform has no marketplace in %(country)s."),
}

REASONS = {
    "unknown-gtin": _lt("The marketplace does not know this EAN."),
    "no-offer": _lt("The product exists but nobody sells it at the moment."),
    "no-buy-box": _lt("Offers exist but none holds the buy box."),
    "price-missing": _lt("The marketplace gave no price for this product."),
    "not-answered": _lt("The marketplace gave no answer for this EAN."),
    "several-candidates": _lt("Several products carry this EAN; the best ranked one is shown."),
    "no-rank-published": _lt("This marketplace publishes no sales rank."),
    "rank-missing": _lt("The marketplace gave no sales rank for this product."),
    "not-sold-by-us": _lt("This marketplace gives prices only for EANs that you already sell."),
    "competition-unreadable": _lt("Prices were given in a form that could not be read."),
    "item-refused": _lt("The marketplace refused this item."),
    "holder-unknown": _lt("The marketplace does not say who holds the buy box."),
}


def error_message(env, error):
    """A client error in the user's language; its own English text when the rule is unknown."""
    text = ERRORS.get(error.rule)
    if text is None:
        return str(error)
    words = env._(text)
    try:
        return words % error.params
    except (KeyError, TypeError, ValueError):
        return str(error)


def reason_message(env, codes, detail=None):
    """Why figures are unknown, in the user's language.

    codes: comma-separated reason codes
    detail: the marketplace's own words, put at the end
    """
    words = [env._(REASONS[code]) for code in (codes or "").split(",") if code in REASONS]
    if detail:
        words.append(detail)
    return " ".join(words)
