from . import onep_market_lookup
