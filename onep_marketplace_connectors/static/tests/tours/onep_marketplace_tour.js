import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("onep_marketplace_tour", {
    steps: () => [
        {
            content: "the card shows the demo mark and the finished update",
            trigger:
                ".o_kanban_record:contains(Fnac tour):contains(Demo market):contains(30 / 30)",
        },
        {
            content: "open the account",
            trigger: ".o_kanban_record:contains(Fnac tour) span:contains(Fnac tour)",
            run: "click",
        },
        { trigger: "div[name=fnac_key] input[type=password]" },
        { trigger: "button[name=action_check_connection]", run: "click" },
        {
            content: "the result is said in words",
            trigger: ".alert-success:contains(Connected as)",
        },
        { trigger: "button[name=action_view_offers]", run: "click" },
        {
            content: "an unknown rank is a blank, never 0",
            trigger: ".o_data_row td[name=sales_rank]:not(:contains(0))",
        },
        {
            content: "and the reason is said",
            trigger: ".o_data_row td[name=reason]:contains(publishes no sales rank)",
        },
        { trigger: ".o_data_row:first .o_data_cell[name=name]", run: "click" },
        { trigger: ".o_form_view .ribbon:contains(Demo market)" },
    ],
});
