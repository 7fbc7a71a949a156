import { registry } from "@web/core/registry";

/** From an opportunity: move the price, see the margin turn, keep two scenarios, compare them. */
registry.category("web_tour.tours").add("onep_sourcing_simulation", {
    steps: () => [
        { trigger: "button[name=action_simulate]:contains('Simuler')", run: "click" },
        { trigger: ".o_onep_comparison tr[data-key=net_margin] .text-success:contains('8,00')" },
        { trigger: ".o_field_widget[name=sell_price_taxed] input.o_input", run: "edit 18" },
        { trigger: ".o_field_widget[name=shipping_charged_taxed] input", run: "click" },
        // 18,00 / 1,2 − 1,80 − 4,00 − 10,00 = −0,80
        { trigger: ".o_onep_comparison tr[data-key=net_margin] .text-danger:contains('0,80')" },
        { trigger: ".o_onep_comparison tr[data-key=net_margin] .o_onep_delta:contains('8,80')" },
        { trigger: ".o_field_widget[name=scenario_name] input", run: "edit Soldes" },
        { trigger: "button[name=action_save_scenario]", run: "click" },
        { trigger: ".o_notification:contains('Soldes')" },
        { trigger: "button[name=action_take_suggested_price]", run: "click" },
        { trigger: ".o_field_widget[name=sell_price_taxed] input.o_input:value('23,99')" },
        { trigger: ".o_field_widget[name=scenario_name] input", run: "edit Objectif" },
        { trigger: "button[name=action_save_scenario]", run: "click" },
        { trigger: "button[name=action_compare_scenarios]", run: "click" },
        { trigger: ".modal .o_onep_comparison th:contains('Objectif') .badge" },
        { trigger: ".modal .o_onep_comparison th:contains('Soldes')" },
        { trigger: ".modal .o_onep_comparison th:contains('Aujourd')" },
    ],
});
