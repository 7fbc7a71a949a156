"""The simulated Fnac and Darty services at wire level."""

import pytest

from . import Simulator, accounts
from .fnac_xml import NAMESPACE
from .market import DARTY, FNAC
from .wire import GTINS, NOWHERE, Fnac, call

N = f"{{{NAMESPACE}}}"


@pytest.fixture(scope="module")
def simulator():
    with Simulator(data=NOWHERE) as running:
        yield running


@pytest.fixture
def fnac(simulator):
    simulator.reset()
    return Fnac(simulator)


def refusal(answer):
    """Status and code of a refusal at the root."""
    assert answer.status == 200
    error = answer.xml.find(f"{N}error")
    return answer.xml.get("status"), error.get("code")


def products(answer):
    root = answer.xml
    assert root.get("status") == "OK"
    return {one.findtext(f"{N}product_reference"): one for one in root.iter(f"{N}pricing_product")}


def test_log_in(simulator, fnac):
    assert fnac.auth.get("status") == "OK"
    assert len(fnac.token) == 36
    assert fnac.auth.findtext(f"{N}validity").endswith("+01:00")
    wrong = accounts.FNAC[0] | {"key": "wrong"}
    auth = Fnac(simulator, wrong).auth
    assert auth.get("status") == "ERROR"
    assert auth.findtext(f"{N}error").startswith("Authentication failed")


def test_ranked_prices(fnac, simulator):
    answer = fnac.prices([g[1:] for g in GTINS[:200]], states="new", prices="standard")
    assert b'encoding="utf-16"' in answer.body[:60], "it claims another encoding than its own"
    found = products(answer)
    assert list(found) == [g[1:] for g in GTINS[:200]]
    for g in GTINS[:200]:
        listing, product = simulator.market.listing(FNAC, g), found[g[1:]]
        if not listing or not (listing.offers or listing.used):
            assert product.find(f"{N}error").get("code") == "ERR_120"
            continue
        ranked = product.findall(f"{N}standard/{N}ranked_offers")
        assert len(ranked) == len(listing.offers)
        won = [
            float(one.findtext(f"{N}price"))
            for one in ranked
            if one.findtext(f"{N}has_buybox") == "true"
        ]
        assert won == [offer.price for offer in listing.offers if offer.winner]


def test_states_prices_and_own_offers(fnac):
    asked = [g[1:] for g in GTINS[:200]]
    everything = fnac.prices(asked)
    states = {one.text for one in everything.xml.iter(f"{N}offer_status")}
    assert states == {"11", "2"}
    assert everything.xml.find(f".//{N}adherent") is not None
    assert everything.xml.find(f".//{N}seller_offer/{N}stock") is not None
    standard = fnac.prices(asked, states="new", prices="standard")
    assert standard.xml.find(f".//{N}adherent") is None


def test_both_spellings_of_the_buy_box(fnac, simulator):
    simulator.fnac.buy_box_tag = "has_buy_box"
    answer = fnac.prices([g[1:] for g in GTINS[:20]])
    assert answer.xml.find(f".//{N}has_buy_box") is not None
    assert answer.xml.find(f".//{N}has_buybox") is None


def test_darty_is_another_shop(simulator, fnac):
    darty = Fnac(simulator, accounts.FNAC[1])
    asked = [g[1:] for g in GTINS[:100]]
    assert products(darty.prices(asked)) != products(fnac.prices(asked))
    for g, product in products(darty.prices(asked)).items():
        listing = simulator.market.listing(DARTY, g.zfill(14))
        assert (product.find(f"{N}product_name") is None) == (
            listing is None or not (listing.offers or listing.used)
        )
    answer = darty.prices(asked, shop_id=accounts.FNAC[0]["shop_id"])
    assert refusal(answer)[0] == "ERROR", "a token belongs to its shop"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sellers": "everybody"}, "ERR_146"),
        ({"states": "fresh"}, "ERR_146"),
        ({"prices": "low"}, "ERR_146"),
        ({"kind": "Gtin"}, "ERR_146"),
        ({"unheard": "of"}, "ERR_146"),
        ({"partner_id": "not-a-uuid"}, "ERR_001"),
        ({"token": "44444444-4444-4444-8444-999999999999"}, "ERR_001"),
    ],
)
def test_what_fnac_would_refuse(fnac, change, code):
    assert refusal(fnac.prices(["3760000000017"], **change)) == ("ERROR", code)


def test_counts(fnac, simulator):
    asked = [g[1:] for g in GTINS[:201]]
    assert refusal(fnac.prices(asked)) == ("ERROR", "ERR_105")
    assert refusal(fnac.prices(asked[:11], "pricing_query")) == ("ERROR", "ERR_105")
    assert refusal(fnac.prices([])) == ("ERROR", "ERR_146")
    simulator.fnac.most["prices_query"] = 30
    assert refusal(fnac.prices(asked[:31])) == ("ERROR", "ERR_105")
    assert refusal(fnac.post("prices_query", "<pricing_query")) == ("ERROR", "ERR_146")


def test_the_two_pricing_schemas_are_kept_apart(fnac):
    asked = [GTINS[0][1:]]
    assert refusal(fnac.prices(asked, "pricing_query", states="new")) == ("ERROR", "ERR_146")
    answer = fnac.prices(asked, "pricing_query", kind="PartNumber", sellers="others")
    assert answer.xml.get("status") == "OK"
    assert refusal(fnac.prices(asked, kind="PartNumber")) == ("ERROR", "ERR_146")


def test_older_versions(fnac, simulator):
    asked = [g[1:] for g in GTINS[:10]]
    first = products(fnac.prices(asked, "pricing_query"))
    assert any(one.find(f"{N}pricing") is not None for one in first.values())
    simulator.fnac.pricing_version = 2
    second = products(fnac.prices(asked, "pricing_query"))
    priced = [one for one in second.values() if one.find(f"{N}new_price") is not None]
    assert priced
    for product in priced:
        assert product.find(f"{N}refurbished_price").text is None, "empty is no offer, not zero"
    simulator.fnac.has_v3 = False
    assert fnac.prices(asked).status == 404


def test_other_references(fnac, simulator):
    gtin = next(g for g in GTINS if (one := simulator.market.listing(FNAC, g)) and one.offers)
    answer = fnac.prices([str(int(gtin[1:13]))], kind="FnacId")
    assert answer.xml.findtext(f".//{N}product_ean") == gtin[1:]


def test_own_offers(fnac):
    seen = []
    page = pages = 1
    while page <= pages:
        content = f"<paging>{page}</paging>"
        answer = fnac.query(
            "offers_query", "offers_query", content, results_count="50", with_fees="true"
        )
        root = answer.xml
        pages = int(root.findtext(f"{N}total_paging"))
        seen += [one.findtext(f"{N}offer_seller_id") for one in root.findall(f"{N}offer")]
        page += 1
    assert pages > 2
    assert len(set(seen)) == len(seen) == int(root.findtext(f"{N}nb_total_result"))
    offer = root.find(f"{N}offer")
    price, fee = (float(offer.findtext(f"{N}{name}")) for name in ("price", "fee_excluding_taxes"))
    assert fee == pytest.approx(max(0.12 * (price + 2.99), 0.9), abs=0.006)
    one = fnac.query(
        "offers_query", "offers_query", f"<offer_seller_id>{seen[0]}</offer_seller_id>"
    )
    assert one.xml.findtext(f"{N}nb_total_result") == "1"
    assert one.xml.find(f".//{N}fee_excluding_taxes") is None, "fees have to be asked for"
    stocked = fnac.query("offers_query", "offers_query", '<quantity mode="GreaterThan" value="0"/>')
    assert 0 < int(stocked.xml.findtext(f"{N}nb_total_result")) < len(seen)
    dates = '<date type="Created"><min>2026-05-01T00:00:00+02:00</min></date>'
    recent = fnac.query("offers_query", "offers_query", dates)
    assert 0 < int(recent.xml.findtext(f"{N}nb_total_result")) < len(seen)


def test_paging_comes_first(fnac):
    content = "<offer_seller_id>x</offer_seller_id><paging>1</paging>"
    assert refusal(fnac.query("offers_query", "offers_query", content)) == ("ERROR", "ERR_146")
    answer = fnac.query("offers_query", "offers_query", "", results_count="10001")
    assert refusal(answer) == ("ERROR", "ERR_105")


def test_unknown_service(simulator):
    assert call(simulator, "/fnac/api.php/orders_query", data="<x/>").status == 404
