from . import onep_margin_simulator
