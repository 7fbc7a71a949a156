import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** How many deals wait for repricing, as a button that prices them now; nothing when none does. */
export class RepriceButton extends Component {
    static template = "onep_sourcing.RepriceButton";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ count: 0 });
        const bus = useService("bus_service");
        const follow = (run) => {
            if (run.model === "onep.evaluation") {
                this.read();
            }
        };
        bus.subscribe("onep/run", follow);
        onWillDestroy(() => bus.unsubscribe("onep/run", follow));
        onWillStart(() => this.read());
    }

    get label() {
        return this.state.count === 1
            ? _t("Reprice 1 deal")
            : _t("Reprice %s deals", formatInteger(this.state.count));
    }

    async read() {
        this.state.count = await this.orm.call("onep.evaluation", "get_waiting_count", []);
    }

    async reprice() {
        const action = await this.orm.call("onep.evaluation", "action_reprice_waiting", []);
        await this.action.doAction(action);
    }
}

class OpportunityListController extends ListController {
    static components = { ...ListController.components, RepriceButton };
}

registry.category("views").add("onep_opportunity_list", {
    ...listView,
    Controller: OpportunityListController,
    buttonTemplate: "onep_sourcing.OpportunityListView.Buttons",
});
