"""Client errors and reasons in the words of the reader, by rule."""

import math

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

ERRORS = {
    "rate-limited": _lt(
        "The call quota is spent; it goes on by itself in %(wait)s. Nothing to do."
    ),
    "service-down": _lt(
        "The marketplace does not answer at the moment (%(cause)s). It is tried again by itself."
    ),
    "circuit-open": _lt(
        "“%(operation)s” is paused after %(count)s failures in a row (%(cause)s). It is tried again"
        " by itself in %(wait)s."
    ),
    "retry-later": _lt("The marketplace asks to come back in %(wait)s."),
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
    "wrong-address": _lt(
        "There is no marketplace at the address of this account (%(detail)s). Correct the address"
        " in its form."
    ),
    "keys-unreadable": _lt(
        "A key of this account holds a character that no key has. Copy it again from the"
        " marketplace's back office."
    ),
    "item-not-found": _lt("The marketplace does not know %(reference)s."),
    "item-refused": _lt("The marketplace refused %(reference)s: %(detail)s"),
    "keys-missing": _lt("The keys of this account are incomplete: enter them in its form."),
    "instance-missing": _lt(
        "Enter the address of the operator's Mirakl instance in the form of this account."
    ),
    "cursor-expired": _lt(
        "The marketplace's list of stock has to be read at once; it is read again from its start."
    ),
    "unsupported-country": _lt("This platform has no marketplace in %(country)s."),
}

REASONS = {
    "unknown-gtin": _lt("The marketplace does not know this EAN."),
    "no-offer": _lt("The product exists but nobody sells it at the moment."),
    "no-offer-unproven": _lt(
        "The marketplace reports no offer; a second call could not confirm it."
    ),
    "no-buy-box": _lt("Offers exist but none holds the buy box."),
    "no-buy-box-published": _lt("This marketplace does not publish who holds the buy box."),
    "price-missing": _lt("The marketplace gave no price for this product."),
    "not-answered": _lt("The marketplace gave no answer for this EAN."),
    "several-candidates": _lt("Several products carry this EAN; the best ranked one is shown."),
    "doubtful-candidate": _lt(
        "It is not certain which of the products with this EAN is meant; choose."
    ),
    "pack-differs": _lt("The pack size differs from the supplier's."),
    "no-rank-published": _lt("This marketplace publishes no sales rank."),
    "rank-missing": _lt("The marketplace gave no sales rank for this product."),
    "not-sold-by-us": _lt("This marketplace gives prices only for EANs that you already sell."),
    "competition-unreadable": _lt("Prices were given in a form that could not be read."),
    "item-refused": _lt("The marketplace refused this item."),
    "gtin-too-long": _lt(
        "This marketplace takes codes of up to 13 digits; ask for the unit's EAN."
    ),
    "holder-unknown": _lt("The marketplace does not say who holds the buy box."),
    "two-holders": _lt("Two sellers share the buy box, with and without the loyalty programme."),
    "identity-unknown": _lt("The marketplace's product of this EAN has to be found first."),
    "detail-too-soon": _lt("The marketplace is still counting the offers; the rest is shown."),
    "counts-disagree": _lt("The marketplace reports no offer here but shows one elsewhere."),
    "no-offer-counts": _lt("The marketplace gave no offer counts this time."),
    "count-is-minimum": _lt(
        "This marketplace does not say whether it lists every offer: their number is a minimum."
    ),
    "offers-lacking": _lt(
        "This marketplace ranks more offers than it lists: their number is a minimum."
    ),
    "price-not-given": _lt("A selling price is needed to estimate fees."),
    "fee-refused": _lt("The marketplace cannot estimate fees for this product."),
    "fee-without-fulfilment": _lt("Only the commission is known: the marketplace cannot ship it."),
    "fee-promotion-ignored": _lt("A promotion would bring the fee to nothing; it was left out."),
    "right-unknown": _lt("The marketplace does not say whether you may sell this product."),
    "storage-unknown": _lt(
        "The marketplace does not say whether its warehouse takes this product."
    ),
    "seller-id-missing": _lt("Enter the seller id of the account to know what it may sell."),
}

#: Why an EAN was given up, by rule of the error.
GIVEN_UP = {
    "service-down": _lt("The marketplace was out of order each time."),
    "retry-later": _lt("The marketplace asked to come back each time."),
    "contract-changed": _lt("Its answers came in a form that could not be read."),
    "request-refused": _lt("The marketplace refused the question itself."),
}

#: Why a candidate is where it is.
CANDIDATE_REASONS = {
    "chosen": _lt("Chosen by a person."),
    "only-one": _lt("The only product with this EAN."),
    "most-alike": _lt("The most like what the supplier describes."),
    "best-ranked": _lt("The best sales rank; the supplier's name is not known."),
    "less-alike": _lt("Less like what the supplier describes."),
    "less-ranked": _lt("Sells less; the supplier's name is not known."),
    "pack-differs": _lt("Another pack size than the supplier's."),
    "bundle": _lt("A bundle with other products."),
    "variation-parent": _lt("A page of variations, not a product."),
}

#: What a connection test found besides.
NOTES = {
    "marketplace-not-open": _lt("The account is not open for this marketplace."),
    "seller-id-missing": _lt("Enter the seller id to know what the account may sell."),
    "rights-not-tested": _lt(
        "Some rights could not be tested now, because the call quota is spent; test again later."
    ),
    "shop-not-open": _lt("The operator has closed or suspended this shop."),
    "prices-by-condition-only": _lt(
        "This shop gives the best price by condition only: neither competitors nor the buy box."
    ),
}


def error_message(env, error):
    """A client error in the user's language; its own English text when the rule is unknown."""
    text = ERRORS.get(error.rule)
    if text is None:
        return str(error)
    words = env._(text)
    told = error.params | {"wait": wait_words(error.params.get("seconds", 0))}
    if isinstance(told.get("detail"), str):
        # the sentence around it has a full stop of its own
        told["detail"] = told["detail"].rstrip(" .")
    try:
        return words % told
    except (KeyError, TypeError, ValueError):
        return str(error)


def wait_words(seconds):
    """A time to wait as a person says it, never too short: 45 s, 12 min, 4 h 45 min."""
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def reason_message(env, codes, detail=None):
    """Why figures are unknown, in the user's language.

    codes: comma-separated reason codes, and rules of errors
    detail: the marketplace's own words, put at the end
    """
    texts = REASONS | GIVEN_UP
    words = [env._(texts[code]) for code in (codes or "").split(",") if code in texts]
    if detail:
        words.append(detail)
    return " ".join(words)
