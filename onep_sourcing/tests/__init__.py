from . import (
    test_onep_evaluation,
    test_onep_opportunity,
    test_onep_picking_list,
    test_onep_rfq_create,
    test_planning_quantity,
)
