"""May we sell an ASIN, may it enter the warehouse, and what will Amazon keep."""

from __future__ import annotations

from collections.abc import Callable

from .amazon_api import FEES, AmazonApi, item_later
from .amazon_decode import amount, as_dict, as_rows, currency_of, words_of
from .draft import Draft
from .errors import ItemNotFound, MissingPermission, RejectedRequest, RetryLater
from .reading import text
from .records import ERROR, FOUND, NOT_FOUND

_REFERRAL = "ReferralFee"
_FULFILMENT = "FBAFees"


def rights(api: AmazonApi, draft: Draft) -> None:
    """Answer a rights draft, ASIN by ASIN."""
    for asin, gtins in draft.by_external_id().items():
        api.about([asin])
        columns, reasons, state = {"external_id": asin}, [], FOUND
        if api.seller_id:
            selling, unknown = _may_sell(api, asin)
            columns |= selling
            reasons += unknown
            state = NOT_FOUND if "unknown-gtin" in unknown else FOUND
        else:
            reasons.append("seller-id-missing")
        if state == FOUND:
            stored, unknown = _may_be_stored(api, asin)
            columns |= stored
            reasons += unknown
        for gtin in gtins:
            draft.answer(gtin, state, *reasons, **columns)


def _may_sell(api: AmazonApi, asin: str) -> tuple[dict, list[str]]:
    try:
        rows = api.restrictions(asin)
    except RejectedRequest as error:
        return {"reason_detail": error.params.get("detail")}, ["right-unknown", "item-refused"]
    except ItemNotFound:
        return {}, ["unknown-gtin"]
    here = api.country.marketplace_id
    rows = [
        row
        for row in rows
        if row.get("marketplaceId") in (None, here)
        and str(row.get("conditionType") or "new_new") == "new_new"
    ]
    if not rows:
        return {"may_sell": "yes"}, []
    found = [reason for row in rows for reason in as_rows(row.get("reasons"))]
    codes = {str(reason.get("reasonCode") or "") for reason in found}
    if codes == {"ASIN_NOT_FOUND"}:
        return {}, ["unknown-gtin"]
    words = [str(reason["message"]) for reason in found if reason.get("message")]
    links = [
        link["resource"]
        for reason in found
        for link in as_rows(reason.get("links"))
        if str(link.get("resource") or "").startswith("https://")
    ]
    # a restriction without code is one all the same; its link tells that asking may help
    may_ask = codes == {"APPROVAL_REQUIRED"} or (codes <= {"APPROVAL_REQUIRED", ""} and links)
    return {
        "may_sell": "approval" if may_ask else "no",
        "approval_url": links[0] if may_ask and links else None,
        "sell_reason": " ".join(dict.fromkeys(words)) or None,
    }, []


def _may_be_stored(api: AmazonApi, asin: str) -> tuple[dict, list[str]]:
    try:
        answer = api.eligibility(asin)
    except MissingPermission as error:
        # without the fulfilment role the rest is still worth knowing
        return {"stored_reason": error.params.get("detail")}, ["storage-unknown"]
    except (ItemNotFound, RejectedRequest) as error:
        return {"stored_reason": error.params.get("detail")}, ["storage-unknown"]
    listed = answer.get("ineligibilityReasonList")
    codes = [str(code) for code in listed] if isinstance(listed, list) else []
    return {
        "may_be_stored": "yes" if answer["isEligibleForProgram"] else "no",
        "stored_reason": ", ".join(codes) or None,
    }, []


def fees(api: AmazonApi, draft: Draft, *, fulfilled: bool) -> None:
    """Answer a fee draft.

    fulfilled: Amazon stores and ships; where it cannot, the commission alone is asked for
    """
    lines = {}
    for asin, gtins in draft.by_external_id().items():
        for gtin in gtins:
            price = draft.asked("price_taxed", gtin)
            if price is None or price <= 0:
                draft.refuse(gtin, "price-not-given")
            else:
                lines[gtin] = {"id_value": asin, "price": round(float(price), 2)}
    refused: list[str] = []
    later: list[RetryLater] = []
    _estimate(api, draft, lines, fulfilled, refused.append if fulfilled else None, later)
    if refused:
        retried = {gtin: lines[gtin] for gtin in refused}
        _estimate(api, draft, retried, False, None, later, "fee-without-fulfilment")
    if later:
        raise later[0]


def _estimate(
    api: AmazonApi,
    draft: Draft,
    lines: dict[str, dict],
    fulfilled: bool,
    again: Callable[[str], None] | None,
    later: list[RetryLater],
    *reasons: str,
) -> None:
    """Ask for estimates; answers are believed only when they echo what was asked.

    again: told of GTINs that Amazon cannot estimate this way; without it they are refused
    """

    def settle(gtin, answer):
        status = str(answer.get("Status") or "")
        error = as_dict(answer.get("Error"))
        if status == "Success" and as_dict(answer.get("FeesEstimate")):
            columns, told = fee_columns(answer, api)
            draft.answer(
                gtin,
                FOUND,
                *reasons,
                *told,
                external_id=lines[gtin]["id_value"],
                price_taxed=lines[gtin]["price"],
                **columns,
            )
        elif status in ("ServiceError", "ServerError") or error.get("Type") == "Receiver":
            later.append(item_later(str(error.get("Code") or status), FEES))
        elif again:
            again(gtin)
        else:
            draft.answer(
                gtin,
                ERROR,
                "fee-refused",
                reason_detail=words_of(answer) or None,
                external_id=lines[gtin]["id_value"],
                price_taxed=lines[gtin]["price"],
                currency=api.country.currency,
            )

    def ask(gtins):
        requests = [
            lines[gtin] | {"is_fba": fulfilled, "identifier": f"{gtin}-{row}"}
            for row, gtin in enumerate(gtins)
        ]
        answers = _by_echo(api.fees(requests))
        for gtin, request in zip(gtins, requests, strict=True):
            about = request["identifier"], request["id_value"]
            answer = answers.get((*about, request["price"])) or answers.get((*about, None))
            if answer is not None:
                settle(gtin, answer)
            elif len(gtins) > 1:
                odd.append(gtin)
            else:
                draft.refuse(gtin, "not-answered")

    def refuse(gtin, words):
        if again:
            again(gtin)
        else:
            draft.refuse(gtin, "fee-refused", words or None)

    odd: list[str] = []
    api.in_batches(FEES, list(lines), ask, refuse)
    # answers of a batch were mixed up between its items: these are asked one by one
    for gtin in odd:
        ask([gtin])


def _by_echo(rows: list[dict]) -> dict[tuple, dict]:
    """Answers by what they say they are about: our reference, the ASIN and the price, if echoed."""
    answers: dict[tuple, dict] = {}
    for row in rows:
        answer = as_dict(row.get("FeesEstimateResult")) or row
        identifier = as_dict(answer.get("FeesEstimateIdentifier"))
        echoed = as_dict(identifier.get("PriceToEstimateFees"))
        price = amount(echoed.get("ListingPrice"))
        key = (
            text(identifier.get("SellerInputIdentifier")),
            text(identifier.get("IdValue")),
            None if price is None else round(price, 2),
        )
        answers[key] = answer
    return answers


def fee_columns(answer: dict, api: AmazonApi) -> tuple[dict, list[str]]:
    """Columns and reasons of one estimate.

    Only the top level counts: nested fees are within it. A promotion that brings a fee to nothing
    has been seen where there was none: then the fee before it is taken.
    """
    estimate = as_dict(answer.get("FeesEstimate"))
    lines: dict[str, float] = {}
    phantom = 0.0
    for row in as_rows(estimate.get("FeeDetailList")):
        final, full = amount(row.get("FinalFee")), amount(row.get("FeeAmount"))
        value = full if final is None else final
        if final == 0 and full:
            phantom += full
            value = full
        if value is not None:
            kind = str(row.get("FeeType") or "")
            lines[kind] = lines.get(kind, 0.0) + value
    total = amount(estimate.get("TotalFeesEstimate"))
    if total is None and lines:
        total = sum(lines.values())
    elif total is not None:
        total += phantom
    return {
        "total_fee": round(total, 2) if total else None,
        "commission": lines.get(_REFERRAL) or None,
        "fulfilment_fee": lines.get(_FULFILMENT) or None,
        "currency": currency_of(estimate.get("TotalFeesEstimate")) or api.country.currency,
    }, ["fee-promotion-ignored"] if phantom else []
