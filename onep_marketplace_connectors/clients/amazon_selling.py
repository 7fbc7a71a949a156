"""May we sell an ASIN, may it enter the warehouse, and what will Amazon keep."""

from __future__ import annotations

from .amazon_api import ELIGIBILITY, FEES, PER_CALL, RESTRICTIONS, AmazonApi, item_later
from .amazon_decode import amount, as_dict, as_rows, currency_of, words_of
from .draft import Draft
from .errors import ItemNotFound, MissingPermission, RejectedRequest, RetryLater
from .reading import text
from .records import ERROR, FOUND, NOT_FOUND

_REFERRAL = "ReferralFee"
_FULFILMENT = "FBAFees"
#: products of one call, by whether Amazon is to ship: then each is asked about in both ways
FEES_PER_CALL = {True: PER_CALL // 2, False: PER_CALL}


def rights(api: AmazonApi, draft: Draft) -> None:
    """Answer a rights draft, ASIN by ASIN."""
    for asin, gtins in draft.by_external_id().items():
        api.batches.about([asin])
        columns, reasons, state = {"external_id": asin}, [], FOUND
        # the scarcer call first: its token would be too old after the other
        if asin not in api.stored:
            api.reserve(ELIGIBILITY, *([RESTRICTIONS] if api.seller_id else []))
            api.stored[asin] = _may_be_stored(api, asin)
        if api.seller_id:
            # it may have to wait all the same: then only this one is made again
            selling, unknown = _may_sell(api, asin)
            columns |= selling
            reasons += unknown
            state = NOT_FOUND if "unknown-gtin" in unknown else FOUND
        else:
            reasons.append("seller-id-missing")
        stored, not_stored = api.stored.pop(asin)
        if state == FOUND:
            columns |= stored
            reasons += not_stored
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

    fulfilled: Amazon stores and ships; the commission alone is asked for in the same call, for
        what it cannot ship (a second call would need a second token)
    """
    lines = {}
    for asin, gtins in draft.by_external_id().items():
        for gtin in gtins:
            price = draft.asked("price_taxed", gtin)
            if price is None or price <= 0:
                draft.refuse(gtin, "price-not-given")
            else:
                lines[gtin] = {"id_value": asin, "price": round(float(price), 2)}
    estimates = _Estimates(api, draft, lines, (True, False) if fulfilled else (False,))
    api.batches.run(
        FEES,
        list(lines),
        estimates.ask,
        lambda gtin, words: draft.refuse(gtin, "fee-refused", words or None),
    )
    if estimates.later:
        raise estimates.later[0]


class _Estimates:
    """Estimates of one ask; answers are believed only when they echo what was asked.

    lines: id_value and price by GTIN
    ways: whether Amazon ships, in the order in which an estimate is taken
    later: estimates that may come another time
    """

    def __init__(self, api: AmazonApi, draft: Draft, lines: dict[str, dict], ways: tuple):
        self.api = api
        self.draft = draft
        self.lines = lines
        self.ways = ways
        self.later: list[RetryLater] = []

    def ask(self, gtins: list[str]) -> list[str]:
        """Make one call; returns GTINs whose answers were mixed up with others'."""
        requests = {
            (gtin, is_fba): self.lines[gtin]
            | {"is_fba": is_fba, "identifier": f"{gtin}-{row}-{'fba' if is_fba else 'own'}"}
            for row, gtin in enumerate(gtins)
            for is_fba in self.ways
        }
        told = _by_echo(self.api.fees(list(requests.values())))
        odd = []
        for gtin in gtins:
            answers = [_echoed(told, requests[gtin, is_fba]) for is_fba in self.ways]
            if all(answer is not None for answer in answers):
                self._settle(gtin, answers)
            elif len(gtins) > 1:
                odd.append(gtin)
            else:
                self.draft.refuse(gtin, "not-answered")
        return odd

    def _settle(self, gtin: str, answers: list[dict]) -> None:
        """Take the first way that Amazon can estimate."""
        line = self.lines[gtin]
        values = {"external_id": line["id_value"], "price_taxed": line["price"]}
        for way, answer in enumerate(answers):
            status = str(answer.get("Status") or "")
            error = as_dict(answer.get("Error"))
            if status == "Success" and as_dict(answer.get("FeesEstimate")):
                columns, reasons = fee_columns(answer, self.api)
                if way:
                    reasons = ["fee-without-fulfilment", *reasons]
                self.draft.answer(gtin, FOUND, *reasons, **values, **columns)
                return
            if status in ("ServiceError", "ServerError") or error.get("Type") == "Receiver":
                self.later.append(item_later(str(error.get("Code") or status), FEES))
                return
        self.draft.answer(
            gtin,
            ERROR,
            "fee-refused",
            reason_detail=words_of(answers[-1]) or None,
            currency=self.api.country.currency,
            **values,
        )


def _echoed(told: dict, request: dict) -> dict | None:
    """The answer to a request, None when there is none that says so."""
    about = request["identifier"], request["id_value"]
    return told.get((*about, request["price"])) or told.get((*about, None))


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
