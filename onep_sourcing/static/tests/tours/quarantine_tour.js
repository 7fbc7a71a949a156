import { registry } from "@web/core/registry";

// A buyer corrects a refused price in the list and another cell on the form, then replays both.
registry.category("web_tour.tours").add("onep_sourcing_quarantine", {
    steps: () => [
        {
            content: "the column at fault and what the file says stand beside the correction",
            trigger: ".o_data_row:contains('sur devis') td[name='correction']",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('sur devis') td[name='correction'] input",
            run: "edit 25,90",
        },
        { trigger: ".o_list_button_save", run: "click" },
        {
            content: "open the row without a code",
            trigger: ".o_data_row:contains('Souris') .o_list_record_open_form_view button",
            run: "click",
        },
        {
            content: "any cell can be corrected",
            trigger: ".o_onep_row_cells input[data-column='Référence']",
            run: "edit S-1 && press Tab",
        },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved", run() {} },
        { trigger: ".o_back_button a, .breadcrumb-item a", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains('Souris')" },
        {
            trigger: ".o_list_view .o_data_row:contains('sur devis') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Souris') .o_list_record_selector input",
            run: "click",
        },
        { trigger: ".o_data_row_selected:contains('Souris')" },
        {
            content: "replay both",
            trigger: "button[name='action_replay']:contains('Rejouer')",
            run: "click",
        },
        { trigger: ".o_notification:contains('Lignes importées : 2. Encore refusées : 0.')" },
        { trigger: ".o_view_nocontent_smiling_face:contains('Aucune ligne')" },
    ],
});
