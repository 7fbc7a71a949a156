import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";
import { onWillDestroy } from "@odoo/owl";

/** State of a feed's source; reloads the feed when a check of it ends ("onep/feed_check"). */
export class FeedCheckState extends BadgeField {
    setup() {
        const bus = useService("bus_service");
        const follow = async ({ id }) => {
            const { record } = this.props;
            if (record.resId === id && !(await record.isDirty())) {
                await record.load();
            }
        };
        bus.subscribe("onep/feed_check", follow);
        onWillDestroy(() => bus.unsubscribe("onep/feed_check", follow));
    }
}

export const feedCheckState = {
    ...badgeField,
    component: FeedCheckState,
    displayName: _t("State of a feed's source"),
    supportedTypes: ["selection"],
};

registry.category("fields").add("onep_feed_check_state", feedCheckState);
