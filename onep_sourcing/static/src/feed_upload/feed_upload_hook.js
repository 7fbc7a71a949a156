import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/**
 * Sends a price list to the server and opens the mapping screen on it.
 *
 * @returns {(files: FileList, feedId?: number) => Promise<void>}
 */
export function useFeedUpload() {
    const http = useService("http");
    const action = useService("action");
    const notification = useService("notification");
    const ui = useService("ui");
    return async (files, feedId) => {
        const file = files && files[0];
        if (!file) {
            return;
        }
        if (files.length > 1) {
            notification.add(_t("One price list at a time: only %s was read.", file.name), {
                type: "warning",
            });
        }
        ui.block({ message: _t("Reading %s…", file.name) });
        let answer;
        try {
            answer = await http.post("/onep_sourcing/upload", {
                csrf_token: odoo.csrf_token,
                file,
                feed_id: feedId || "",
                company_ids: user.activeCompanies.map((company) => company.id).join(","),
            });
        } catch {
            answer = {
                error: _t("%s could not be sent. Check the connection, then try again.", file.name),
            };
        } finally {
            ui.unblock();
        }
        if (answer.error) {
            notification.add(answer.error, { type: "danger", sticky: true });
            return;
        }
        await action.doAction(answer.action);
    };
}
