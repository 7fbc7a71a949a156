import { registry } from "@web/core/registry";

/** A manager's list: approve what was proposed, see the RFQs to come, create and confirm one. */
const steps = ({ amount, progress }) => [
    { trigger: "button[name=action_approve].btn-primary", run: "click" },
    { trigger: "button[name=action_create_rfqs]", run: "click" },
    { trigger: `.modal .o_data_row:contains('Grossiste'):contains('${amount}')` },
    { trigger: ".modal button[name=action_create]", run: "click" },
    { trigger: ".o_form_view .o_field_widget[name=order_line] .o_data_row:contains('GR-42')" },
    { trigger: "button[name=action_open_picking_list]" },
    { trigger: "button[name=button_confirm]:visible", run: "click" },
    { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=purchase]" },
    { trigger: "button[name=action_open_picking_list]", run: "click" },
    { trigger: `.o_field_widget[name=progress_text]:contains('${progress}')` },
    { trigger: ".o_field_widget[name=follow_up] .badge:not(:empty)" },
];

const tours = registry.category("web_tour.tours");
tours.add("onep_sourcing_picking_list_order_fr", {
    steps: () => steps({ amount: "60,00", progress: "1 sur 1" }),
});
tours.add("onep_sourcing_picking_list_order_en", {
    steps: () => steps({ amount: "60.00", progress: "1 of 1" }),
});
