from . import (
    onep_run_mixin,
    onep_secret_mixin,
    onep_secret_owner_mixin,
    onep_marketplace,
    onep_marketplace_secret,
    onep_marketplace_amazon,
    onep_marketplace_fnac,
    onep_marketplace_cdiscount,
    onep_marketplace_offer,
    onep_market_sync,
)
