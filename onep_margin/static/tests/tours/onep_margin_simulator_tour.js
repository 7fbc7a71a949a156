import { registry } from "@web/core/registry";

/**
 * Types a deal and reads its margin, the picture and the rule behind the commission.
 *
 * @param {Object} words the same in the language of the user
 */
function getSteps({ category, amount, margin, commission }) {
    const type = (field, value) => ({
        trigger: `.o_field_widget[name=${field}] input`,
        run: `edit ${value}`,
    });
    return [
        type("fee_category_id", category),
        { trigger: `.ui-menu-item a:contains('${category}')`, run: "click" },
        type("sell_price_taxed", "48"),
        type("buy_price", "20"),
        type("weight_g", "700"),
        type("length_mm", "300"),
        type("width_mm", "200"),
        type("height_mm", "100"),
        type("extra_cost", amount),
        { trigger: ".o_field_widget[name=eco_tax] input", run: "click" },
        { trigger: `.o_onep_comparison tr[data-key=net_margin]:contains('${margin}')` },
        { trigger: ".o_onep_waterfall canvas" },
        { trigger: `.o_onep_waterfall tr:last-child:contains('${margin}')` },
        { trigger: `.o_onep_waterfall a:contains('${commission}')`, run: "click" },
        { trigger: ".modal .o_form_view .o_field_widget[name=rate]" },
        { trigger: ".modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
    ];
}

registry.category("web_tour.tours").add("onep_margin_simulator_tour", {
    steps: () =>
        getSteps({
            category: "Toys & Games",
            amount: "0.6",
            margin: "5.85",
            commission: "Commission",
        }),
});

registry.category("web_tour.tours").add("onep_margin_simulator_tour_fr", {
    steps: () =>
        getSteps({
            category: "Jeux et jouets",
            amount: "0,6",
            margin: "5,85",
            commission: "Commission",
        }),
});
