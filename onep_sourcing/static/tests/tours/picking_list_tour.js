import { registry } from "@web/core/registry";

/** A buyer picks two opportunities, lets the budget choose, sees the totals, proposes. */
const steps = ({ sign, proposed }) => [
    { trigger: ".o_list_view thead .o_list_record_selector input", run: "click" },
    { trigger: "button[name=action_add_to_picking_list]", run: "click" },
    { trigger: ".modal button[name=action_add_and_open]", run: "click" },
    // 1 at 10,00 and 10 at 9,00
    { trigger: `.o_onep_figures .o_field_widget[name=budget]:contains('100${sign}00')` },
    { trigger: `.o_onep_supplier_card:contains('Grossiste'):contains('100${sign}00')` },
    { trigger: "button[name=action_optimise]", run: "click" },
    { trigger: ".modal .o_field_widget[name=budget] input", run: "edit 95" },
    { trigger: ".modal button[name=action_choose]", run: "click" },
    { trigger: `.modal .o_field_widget[name=spend]:contains('90${sign}00')` },
    { trigger: `.modal .o_field_widget[name=total_margin]:contains('90${sign}00')` },
    { trigger: `.modal .o_onep_supplier_card:contains('90${sign}00')` },
    { trigger: ".modal button[name=action_apply]", run: "click" },
    { trigger: `.o_onep_figures .o_field_widget[name=budget]:contains('90${sign}00')` },
    { trigger: ".o_field_widget[name=line_ids] .o_data_row td[name=quantity]", run: "click" },
    {
        trigger: ".o_field_widget[name=line_ids] .o_selected_row [name=quantity] input",
        run: "edit 12",
    },
    // 12 at 9,00, at once and before anything is saved
    { trigger: ".o_field_widget[name=line_ids] .o_data_row td[name=partner_id]", run: "click" },
    { trigger: `.o_onep_figures .o_field_widget[name=budget]:contains('108${sign}00')` },
    { trigger: `.o_onep_supplier_card:contains('108${sign}00')` },
    { trigger: "button[name=action_propose]", run: "click" },
    { trigger: `.o_statusbar_status button.o_arrow_button_current:contains('${proposed}')` },
];

const tours = registry.category("web_tour.tours");
tours.add("onep_sourcing_picking_list_fr", {
    steps: () => steps({ sign: ",", proposed: "Proposé" }),
});
tours.add("onep_sourcing_picking_list_en", {
    steps: () => steps({ sign: ".", proposed: "Proposed" }),
});
