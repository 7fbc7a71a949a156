import { registry } from "@web/core/registry";

/**
 * An administrator adds a commission rule, sees what it would move before it is saved, saves.
 */
registry.category("web_tour.tours").add("onep_sourcing_fee_effect", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=category_id] input",
            run: "edit Objets rares",
        },
        { trigger: ".ui-menu-item a:contains('Objets rares')", run: "click" },
        { trigger: ".o_selected_row .o_field_widget[name=rate] input", run: "edit 12" },
        { trigger: ".nav-link[name=effect]:contains('Effet')", run: "click" },
        {
            trigger: ".o_field_widget[name=effect_shown] input:not(:visible), .o_field_widget[name=effect_shown] input",
            run: "click",
        },
        { trigger: ".o_onep_fee_effect strong[name=become_known]:contains('1')" },
        { trigger: ".o_onep_fee_effect li:contains('auraient une marge connue')" },
        { trigger: ".o_onep_fee_effect td:contains('Vase unique')" },
        // Nothing was saved by looking at it.
        { trigger: ".o_form_dirty .o_form_button_save:enabled, .o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
    ],
});
