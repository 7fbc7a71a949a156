import { registry } from "@web/core/registry";

const row = (column) => `.o_field_widget[name=line_ids] .o_data_row:contains('${column}')`;

// A first list whose price column is not certain: corrected by an alternative, completed by a
// value for all rows, its weights confirmed, then imported.
registry.category("web_tour.tours").add("onep_sourcing_feed_mapping", {
    steps: () => [
        {
            content: "what is missing is on top, and nothing can be imported",
            trigger:
                ".o_onep_feed_upload .alert-warning:contains(\"Indiquez quelle colonne est le prix d'achat\")",
        },
        { trigger: ".o_form_statusbar:not(:has(button[name='action_confirm']))" },
        {
            content: "three values of the file stand below the name of the column",
            trigger: `${row("Tarif 1")}:contains('12,50 · 8,90 · 49,00')`,
        },
        {
            content: "the alternative is one click away",
            trigger: `${row("Tarif 1")} .o_onep_alternative[data-field='purchase_price']`,
            run: "click",
        },
        { trigger: `${row("Tarif 1")} .o_onep_target_field:contains("Prix d'achat")` },
        {
            content: "the preview follows, its refused cell in red with the reason",
            trigger: ".o_onep_mapping_preview td:contains('12,50')",
        },
        { trigger: ".o_onep_mapping_preview .table-danger:contains('prix')" },
        {
            content: "a column is left out",
            trigger: `${row("Désignation")} .o_onep_ignore`,
            run: "click",
        },
        { trigger: ".o_onep_mapping_preview:not(:contains('Lampe'))" },
        {
            content: "and taken back: what was proposed is an alternative now",
            trigger: `${row("Désignation")} .o_onep_alternative[data-field='name']`,
            run: "click",
        },
        { trigger: ".o_onep_mapping_preview td:contains('Lampe')" },
        {
            content: "the price is adjusted in place",
            trigger: `${row("Tarif 1")} td[name='adjustment']`,
            run: "click",
        },
        {
            trigger: `${row("Tarif 1")} td[name='adjustment'] input`,
            run: "edit × 0,5 && press Tab",
        },
        { trigger: ".o_onep_mapping_preview td:contains('6,25')" },
        {
            content: "a value for all rows",
            trigger: ".o_field_widget[name=value_ids] .o_field_x2many_list_row_add button, .o_field_widget[name=value_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=value_ids] td[name=field] .o_select_menu_toggler, .o_field_widget[name=value_ids] td[name=field] input",
            run: "click",
        },
        { trigger: ".o_select_menu_menu .o_select_menu_item:contains('Marque')", run: "click" },
        { trigger: ".o_field_widget[name=value_ids] td[name=field] input:value(Marque)" },
        {
            trigger: ".o_field_widget[name=value_ids] td[name=value] input",
            run: "edit Lego",
        },
        { trigger: ".o_onep_feed_upload h3:contains('Colonnes')", run: "click" },
        { trigger: ".o_onep_mapping_preview td:contains('Lego')" },
        {
            content: "the unit of the weights is asked about, the other one a click away",
            trigger:
                ".o_onep_meanings tr[data-kind='weight_unit'].table-warning .o_onep_other:contains('grammes')",
            run: "click",
        },
        { trigger: ".o_onep_meanings tr[data-kind='weight_unit'] .fa-check" },
        {
            content: "what the file's name leaves open is confirmed by one click",
            trigger: ".o_onep_meanings tr[data-kind='scope'] .o_onep_confirm",
            run: "click",
        },
        { trigger: ".o_onep_meanings tr[data-kind='scope'] .fa-check" },
        { trigger: ".o_onep_feed_upload:not(:has(.alert-warning))" },
        {
            content: "nothing is missing any more",
            trigger: "button[name='action_confirm']:contains(\"Lancer l'import\")",
            run: "click",
        },
        {
            content: "its import is on screen",
            trigger: "body:not(:has(.o_onep_feed_upload)) .o_form_view:contains('maj_lampes.csv')",
        },
    ],
});
