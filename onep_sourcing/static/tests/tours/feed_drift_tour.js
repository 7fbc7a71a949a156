import { registry } from "@web/core/registry";

// A supplier renamed a column: the difference stands above the columns, one click accepts it.
registry.category("web_tour.tours").add("onep_sourcing_feed_drift", {
    steps: () => [
        {
            content: "what changed is said in the user's language",
            trigger: ".o_onep_drift:contains('Les colonnes ont changé depuis le dernier fichier')",
        },
        {
            content: "the renamed column, before and now, and what tells",
            trigger:
                ".o_onep_drift .o_data_row:contains('Renommée'):contains('Prix HT'):contains('Tarif revendeur'):contains('100 % des articles')",
        },
        {
            content: "what is harmless is shown too",
            trigger: ".o_onep_drift .o_data_row:contains('Nouvelle'):contains('Remarque')",
        },
        {
            content: "one click accepts it and imports",
            trigger: ".o_onep_drift button[name='action_accept_changes']",
            run: "click",
        },
        {
            content: "the import of the file",
            trigger: ".o_form_view .o_breadcrumb:contains('tarif.csv')",
        },
    ],
});
