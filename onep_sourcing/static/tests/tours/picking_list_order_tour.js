import { registry } from "@web/core/registry";

/** A manager's list: approve what was proposed, see the RFQs to come, create and confirm one. */
registry.category("web_tour.tours").add("onep_sourcing_picking_list_order", {
    steps: () => [
        { trigger: "button[name=action_approve].btn-primary", run: "click" },
        { trigger: "button[name=action_create_rfqs]", run: "click" },
        { trigger: ".modal .o_data_row:contains('Grossiste'):contains('60.00')" },
        { trigger: ".modal button[name=action_create]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=order_line] .o_data_row:contains('GR-42')" },
        { trigger: "button[name=action_open_picking_list]" },
        { trigger: "button[name=button_confirm]:visible", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=purchase]" },
        { trigger: "button[name=action_open_picking_list]", run: "click" },
        { trigger: ".o_field_widget[name=progress_text]:contains('1 of 1')" },
        { trigger: ".o_field_widget[name=follow_up] .badge:not(:empty)" },
    ],
});
