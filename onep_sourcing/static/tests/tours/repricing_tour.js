import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("onep_sourcing_rule_waiting", {
    steps: () => [
        {
            content: "the rule tells how many of its deals wait",
            trigger: ".o_form_view .alert-info:contains('1 deals wait for repricing')",
        },
    ],
});

registry.category("web_tour.tours").add("onep_sourcing_repricing", {
    steps: () => [
        {
            content: "so does the list of opportunities, and prices them",
            trigger: ".o_onep_reprice:contains('Reprice 1 deal')",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('being priced again')",
        },
    ],
});
