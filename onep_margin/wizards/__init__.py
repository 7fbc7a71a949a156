from . import (
    onep_margin_simulator,
    onep_fee_version,
    onep_carrier_import,
    onep_carrier_import_column,
    onep_fee_comparison,
    onep_fee_comparison_line,
    onep_fee_category_suggestion,
    onep_fee_gap,
    onep_margin_simulator_start,
    onep_margin_simulator_today,
    onep_margin_comparison,
)
