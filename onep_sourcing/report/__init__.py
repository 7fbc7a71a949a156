from . import onep_import_difference
