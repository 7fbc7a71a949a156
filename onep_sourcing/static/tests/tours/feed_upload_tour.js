import { registry } from "@web/core/registry";

// A file that cannot be read: the screen says why, offers no import, and lets go of it.
registry.category("web_tour.tours").add("onep_sourcing_unreadable_file", {
    steps: () => [
        {
            content: "the reason is on screen, in the user's language",
            trigger: ".o_onep_feed_upload .alert-danger:contains('Le fichier est vide')",
        },
        {
            content: "nothing can be imported",
            trigger:
                ".o_form_statusbar:not(:has(button[name='action_confirm'])) button[name='action_discard']",
            run: "click",
        },
        {
            content: "back to the feeds, where another file can be dropped",
            trigger: ".o_kanban_view .o_onep_upload_button",
        },
    ],
});
