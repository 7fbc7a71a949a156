"""Rules that no public tariff gives: suppliers, currencies, duties, contract carriers. Invented."""

from . import shipped

CURRENCIES = [
    {"code": "EUR", "rate": 1.0},
    {"code": "GBP", "rate": 1.17, "safety_margin": 0.02},
    {"code": "USD", "rate": 0.92, "safety_margin": 0.035},
    {"code": "TRY", "rate": None},
]
SUPPLIERS = [
    {"key": "plain"},
    {"key": "carriage", "carriage_paid_from": 500.0, "carriage": 25.0},
    {
        "key": "weight",
        "carriage_paid_from": 1000.0,
        "carriage": 40.0,
        "handling": 5.0,
        "spread": "weight",
        "inbound_per_kg": 0.35,
    },
    {
        "key": "units",
        "carriage_paid_from": 300.0,
        "carriage": 18.0,
        "small_order_below": 150.0,
        "small_order_surcharge": 12.0,
        "spread": "units",
        "inbound_per_unit": 0.2,
        "inbound_per_m3": 90.0,
    },
    {"key": "never", "carriage": 60.0, "handling": 3.5, "inbound_per_kg": 1.1},
]
DUTIES = [
    {"hs": "85", "rate": 0.02},
    {"hs": "8517", "rate": 0.0},
    {"hs": "8528", "rate": 0.14},
    {"hs": "85285900", "rate": 0.07, "is_unconfirmed": True},
    {"hs": "8528", "origin": "KR", "rate": 0.0},
    {"hs": "9503", "rate": 0.047},
    {"hs": "9503", "origin": "VN", "rate": 0.01},
    {"hs": "64", "rate": 0.17, "per_kg": 0.25},
    {"hs": "6403", "rate": 0.08},
    {"hs": "64", "origin": "CN", "rate": 0.365, "per_kg": 0.25},
]
CARRIERS = [
    {
        "code": "dpd",
        "divisor": 5000.0,
        "max_weight_g": 30_000.0,
        "max_longest_mm": 1750.0,
        "max_girth_mm": 3000.0,
        "fuel_rate": 0.1,
        "fixed_amount": 0.15,
        "supplements": [
            {"code": "signature", "amount": 1.2},
            {"code": "evening", "amount": 2.0, "rate": 0.05, "is_fuelled": True},
            {"amount": 4.0, "above_longest_mm": 1000.0, "above_weight_g": 20_000.0},
        ],
        "lines": [
            *(
                {"weight_max_g": kg * 1000.0, "amount": amount}
                for kg, amount in ((1, 5.2), (2, 5.6), (3, 6.0), (5, 6.8), (10, 8.9), (30, 19.5))
            ),
            *(
                {"weight_max_g": kg * 1000.0, "amount": amount, "zone": "islands"}
                for kg, amount in ((2, 12.0), (10, 24.0))
            ),
        ],
    },
    {
        "code": "ups",
        "divisor": 5000.0,
        "weight_step_g": 500.0,
        "side_step_mm": 10.0,
        "max_weight_g": 70_000.0,
        "max_longest_mm": 2740.0,
        "max_girth_mm": 4000.0,
        "fuel_rate": 0.18,
        "supplements": [
            {"code": "signature", "amount": 2.5, "is_fuelled": True},
            {"amount": 6.0, "is_fuelled": True, "above_weight_g": 25_000.0},
        ],
        "lines": [
            {"weight_max_g": kg * 1000.0, "amount": amount}
            for kg, amount in ((1, 6.5), (2, 7.0), (5, 8.5), (10, 11.0), (20, 17.0), (30, 23.0))
        ],
    },
    *shipped.carriers("carrier_colissimo_fr_2026"),
]
ASSUMED = {
    "storage_days": 45.0,
    "own_storage_rate": 14.7,
    "return_rate": 0.04,
    "return_cost": 2.5,
    "return_loss_rate": 0.3,
    "advertising_rate": 0.03,
    "monthly_units": 800.0,
}
