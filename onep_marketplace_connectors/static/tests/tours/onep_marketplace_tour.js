import { registry } from "@web/core/registry";

// No step depends on the language.
registry.category("web_tour.tours").add("onep_marketplace_tour", {
    steps: () => [
        {
            content: "the card bears the demo mark",
            trigger: ".o_kanban_record:contains(Fnac tour) .ribbon",
        },
        {
            content: "and the finished update",
            trigger: ".o_kanban_record:contains(Fnac tour) .o_onep_run_progress:contains(30 / 30)",
        },
        {
            content: "open the account",
            trigger: ".o_kanban_record span:contains(Fnac tour)",
            run: "click",
        },
        { trigger: "div[name=fnac_key] input[type=password]" },
        { trigger: "button[name=action_check_connection]", run: "click" },
        {
            content: "the result is said in words, with the shop",
            trigger: ".alert-success:contains(22222222)",
        },
        { trigger: "button[name=action_view_offers]", run: "click" },
        {
            content: "a found offer whose rank is unknown shows a blank, never 0",
            trigger: ".o_data_row:not(.text-muted) td[name=sales_rank]:not(:contains(0))",
        },
        {
            content: "and says why",
            trigger: ".o_data_row:not(.text-muted) td[name=reason]:not(:empty)",
        },
        { trigger: ".o_data_row:first .o_data_cell[name=ean]", run: "click" },
        { trigger: ".o_form_view div[name=freshness] .badge" },
        { trigger: ".o_form_view .ribbon" },
    ],
});
