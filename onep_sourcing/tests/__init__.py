from . import (
    test_ingest_automap,
    test_ingest_detect,
    test_ingest_normalise,
    test_ingest_pipeline,
    test_ingest_readers,
    test_onep_evaluation,
    test_onep_import,
    test_onep_opportunity,
    test_onep_picking_list,
    test_onep_rfq_create,
    test_planning_quantity,
    test_tours,
)
from . import test_onep_import_review
from . import test_onep_supplier_offer_history
