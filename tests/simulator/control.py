"""What a test or a bench asks of the simulator itself, and the pictures of the goods."""

from __future__ import annotations

import json
from collections import Counter

from .exchange import Call, Reply, as_json
from .faults import KINDS
from .market import AMAZON
from .numbers import COUNT, gtins

_COLOURS = ("#714B67", "#017E84", "#B5651D", "#3B6EA5", "#7A8B3B", "#A23E48")


class Control:
    """Answers under ``/_health``, ``/_market``, ``/_faults``, ``/_quotas``, ``/_calls``,
    ``/_reset`` and ``/images``.
    """

    def __init__(self, simulator):
        self._simulator = simulator
        self._handlers = {
            "_health": self._health,
            "_market": self._market,
            "_faults": self._faults,
            "_quotas": self._quotas,
            "_calls": self._calls,
            "_reset": self._reset,
            "images": self._image,
        }

    def answer(self, call: Call, name: str, rest: str) -> Reply:
        """Answer one call."""
        handler = self._handlers.get(name)
        if handler is None:
            return as_json({"error": "not found"}, 404)
        try:
            return handler(call, rest)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return as_json({"error": str(error)}, 400)

    def _health(self, _call: Call, _rest: str) -> Reply:
        simulator = self._simulator
        return as_json(
            {
                "status": "ok",
                "seed": simulator.market.seed,
                "tick": simulator.market.tick,
                "articles": len(simulator.market.articles),
                "calls": len(simulator.calls),
                "throttled": simulator.quotas.refused,
            }
        )

    def _market(self, call: Call, rest: str) -> Reply:
        """``GET /_market/gtins?count=&seed=``; ``POST /_market`` with any of ``tick``,
        ``tick_seconds``, ``prepare`` (how many GTINs) and ``places``.
        """
        market = self._simulator.market
        if rest == "gtins":
            count, seed = int(call.one("count", str(COUNT))), int(call.one("seed", "0"))
            return as_json({"gtins": gtins(count, seed or market.seed)})
        if call.method == "POST":
            wanted = json.loads(call.body or b"{}")
            if "tick" in wanted:
                market.tick = int(wanted["tick"])
            if "tick_seconds" in wanted:
                market.follow_clock(float(wanted["tick_seconds"]))
            market.prepare(int(wanted.get("prepare", 0)), wanted.get("places", (AMAZON,)))
        return as_json({"tick": market.tick})

    def _faults(self, call: Call, _rest: str) -> Reply:
        """``POST`` a fault, or ``{"share": 0.3, "seed": 1}`` for a storm; ``DELETE`` all."""
        faults = self._simulator.faults
        if call.method == "DELETE":
            faults.clear()
        elif call.method == "POST":
            options = json.loads(call.body)
            if "share" in options:
                options.pop("kind", None)
                faults.storm(options.pop("share"), **options)
            else:
                faults.add(options.pop("kind"), **options)
        return as_json({"kinds": KINDS, "taken": faults.taken})

    def _quotas(self, call: Call, _rest: str) -> Reply:
        """``POST {"scale": 50}`` or ``{"platform": …, "operation": …, "rate": 1.5}``."""
        quotas = self._simulator.quotas
        if call.method == "POST":
            wanted = json.loads(call.body)
            quotas.scale = float(wanted.get("scale", quotas.scale))
            if "rate" in wanted:
                key = (wanted["platform"], wanted["operation"])
                quotas.rates[key] = float(wanted["rate"])
        return as_json(
            {
                "scale": quotas.scale,
                "refused": quotas.refused,
                "granted": [
                    {"platform": key[0], "operation": key[1], "account": key[2], "calls": calls}
                    for key, calls in sorted(quotas.granted.items())
                ],
            }
        )

    def _calls(self, _call: Call, _rest: str) -> Reply:
        counts = Counter(list(self._simulator.calls))
        return as_json(
            [
                {"platform": key[0], "operation": key[1], "status": key[2], "calls": calls}
                for key, calls in sorted(counts.items())
            ]
        )

    def _reset(self, call: Call, _rest: str) -> Reply:
        if call.method == "POST":
            self._simulator.reset()
        return self._health(call, "")

    def _image(self, _call: Call, rest: str) -> Reply:
        """A picture drawn from the EAN."""
        gtin = rest.partition(".")[0]
        if not gtin.isdigit():
            return as_json({"error": "not found"}, 404)
        listing = self._simulator.market.listing(AMAZON, gtin.zfill(14))
        letters = (listing.goods.brand if listing else gtin[-2:])[:2].upper()
        colour = _COLOURS[int(gtin[-3:]) % len(_COLOURS)]
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
            f'<rect width="100" height="100" rx="12" fill="{colour}"/>'
            '<text x="50" y="62" font-family="sans-serif" font-size="34" fill="#fff"'
            f' text-anchor="middle">{letters}</text></svg>'
        )
        return Reply(200, picture.encode(), "image/svg+xml", {"Cache-Control": "max-age=86400"})
