from . import (
    test_channel_oauth,
    test_channel_proxy,
    test_channel_http,
    test_channel_rest,
    test_ingest_automap,
    test_ingest_detect,
    test_ingest_drift,
    test_ingest_line_kinds,
    test_ingest_memory,
    test_ingest_expressions,
    test_ingest_normalise,
    test_ingest_values,
    test_ingest_pipeline,
    test_ingest_quarantine_file,
    test_ingest_readers,
    test_onep_column_memory,
    test_ingest_semantics,
    test_onep_evaluation,
    test_onep_evaluation_cost,
    test_onep_feed_layout,
    test_onep_feed_upload,
    test_onep_feed_upload_mapping,
    test_onep_import,
    test_onep_import_delta,
    test_onep_import_run,
    test_onep_import_issue,
    test_onep_opportunity,
    test_onep_picking_list,
    test_onep_picking_list_follow_up,
    test_onep_purchase_proposal_rule,
    test_onep_rfq_create,
    test_onep_rfq_details,
    test_onep_rfq_merge,
    test_onep_supplier_feed_alias,
    test_onep_supplier_feed_channels,
    test_onep_supplier_feed_intake,
    test_onep_supplier_feed_refusal,
    test_onep_supplier_feed_schedule,
    test_onep_supplier_feed_source,
    test_planning_quantity,
    test_res_partner_supplier_card,
    test_security,
    test_tours,
)
from . import test_onep_import_review
from . import test_onep_marketplace_listing
from . import test_onep_supplier_offer_history
from . import test_onep_supplier_offer_curve
from . import test_picking_list_order_tour
from . import test_planning_basket
from . import test_planning_list_totals
from . import test_planning_negotiation
from . import test_planning_backtest
from . import test_planning_signals
from . import test_planning_storage
from . import test_onep_score_backtest
from . import test_onep_opportunity_score
from . import test_onep_fee_effect_mixin
from . import test_onep_fee_gap
from . import test_repricing_sweep
from . import test_res_currency_rate_provider
from . import test_onep_margin_simulator
from . import test_onep_opportunity_channel
from . import test_onep_scenario_trial
from . import test_planning_scenario
from . import test_onep_picking_list_figures
from . import test_onep_basket_choice
from . import test_onep_negotiation
from . import test_product_product_figures
from . import test_product_supplierinfo
from . import test_onep_own_figures_mixin
from . import test_onep_vendor_price_write
