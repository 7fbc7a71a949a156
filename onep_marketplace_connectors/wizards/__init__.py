from . import (
    onep_market_lookup,
    onep_market_plan,
    onep_market_plan_place,
    onep_market_plan_line,
)
