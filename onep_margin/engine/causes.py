"""Why a margin is unknown, or only estimated: bits that the engine sets and screens name."""

from enum import IntFlag

import numpy as np


class Cause(IntFlag):
    """Why a deal has no margin. Any bit set means NaN; the lower-case name is the key.

    Bits 16 to 21 are left to callers, for what they know and the engine does not.
    """

    RATE_CARD_MISSING = 1 << 0
    BUY_PRICE_MISSING = 1 << 1
    SELL_PRICE_MISSING = 1 << 2
    VAT_RATE_MISSING = 1 << 3
    CATEGORY_UNMAPPED = 1 << 4
    COMMISSION_MISSING = 1 << 5
    WEIGHT_MISSING = 1 << 6
    DIMENSIONS_MISSING = 1 << 7
    FULFILMENT_MISSING = 1 << 8
    CARRIER_MISSING = 1 << 9
    EXTRA_COST_MISSING = 1 << 10
    ECO_TAX_MISSING = 1 << 11
    STORAGE_MISSING = 1 << 12
    CURRENCY_RATE_MISSING = 1 << 13
    SUPPLIER_TERMS_MISSING = 1 << 14
    CUSTOMS_DUTY_MISSING = 1 << 15
    PRIVATE_COPY_LEVY_MISSING = 1 << 22
    QUANTITY_MISSING = 1 << 23
    COMMODITY_CODE_MISSING = 1 << 24


#: Causes that only concern the goods, whoever sells them.
GOODS = np.uint32(
    Cause.BUY_PRICE_MISSING
    | Cause.EXTRA_COST_MISSING
    | Cause.ECO_TAX_MISSING
    | Cause.CURRENCY_RATE_MISSING
    | Cause.SUPPLIER_TERMS_MISSING
    | Cause.CUSTOMS_DUTY_MISSING
    | Cause.PRIVATE_COPY_LEVY_MISSING
    | Cause.QUANTITY_MISSING
    | Cause.COMMODITY_CODE_MISSING
)


class Estimate(IntFlag):
    """What a known margin rests on that nobody has confirmed."""

    CATEGORY_GUESSED = 1 << 0
    COMMISSION_UNCONFIRMED = 1 << 1
    FULFILMENT_UNCONFIRMED = 1 << 2
    CARRIER_UNCONFIRMED = 1 << 3
    STORAGE_ASSUMED = 1 << 4
    RETURNS_ASSUMED = 1 << 5
    SIZE_UNCHECKED = 1 << 6
    SHIPPING_ASSUMED = 1 << 7
    CUSTOMS_DUTY_UNCONFIRMED = 1 << 8
    CONTRIBUTION_UNCONFIRMED = 1 << 9
    ADVERTISING_ASSUMED = 1 << 10
    SUBSCRIPTION_SPREAD = 1 << 11
    SUPPLIER_TERMS_ASSUMED = 1 << 12
    CONTRIBUTION_UNCHECKED = 1 << 13
    SUPPLIER_TERMS_UNCONFIRMED = 1 << 14
    SHIPPING_CHARGED_UNKNOWN = 1 << 15


#: Estimates that only concern the goods.
GOODS_ESTIMATES = np.uint32(
    Estimate.CUSTOMS_DUTY_UNCONFIRMED
    | Estimate.CONTRIBUTION_UNCONFIRMED
    | Estimate.CONTRIBUTION_UNCHECKED
    | Estimate.SUPPLIER_TERMS_ASSUMED
    | Estimate.SUPPLIER_TERMS_UNCONFIRMED
)


CAUSES = {int(bit): bit.name.lower() for bit in Cause}
ESTIMATES = {int(bit): bit.name.lower() for bit in Estimate}


def keys(mask, table=CAUSES):
    """Return the keys of the bits set in one ``mask``, lowest bit first."""
    return [key for bit, key in table.items() if int(mask) & bit]


def bits(words, table=CAUSES) -> int:
    """Return the bits of comma-joined keys; those that the table does not have count for none."""
    names = set((words or "").split(","))
    return sum(bit for bit, key in table.items() if key in names)


def texts(masks, table=CAUSES):
    """Return an object array (n) of comma-joined keys; None where no bit is set.

    Each distinct mask is spelt once, whatever the number of deals.
    """
    masks = np.asarray(masks)
    distinct, inverse = np.unique(masks, return_inverse=True)
    spelt = np.empty(len(distinct), dtype=object)
    spelt[:] = [",".join(keys(mask, table)) or None for mask in distinct]
    return spelt[inverse]
