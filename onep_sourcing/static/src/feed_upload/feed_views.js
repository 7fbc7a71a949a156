import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { FeedUploadButton } from "./feed_upload_button";
import { useFeedUpload } from "./feed_upload_hook";

/** Adds the upload button and a drop zone over the whole page to a multi-record controller. */
const withUpload = (Controller) =>
    class extends Controller {
        static components = { ...Controller.components, FeedUploadButton };

        setup() {
            super.setup();
            const upload = useFeedUpload();
            useDropzone(this.rootRef, (ev) =>
                upload(ev.dataTransfer.files, this.getFeedAt(ev.clientX, ev.clientY))
            );
        }

        /** @returns {number | undefined} id of the feed whose card lies under a point */
        getFeedAt(x, y) {
            const card = document
                .elementsFromPoint(x, y)
                .map((element) => element.closest(".o_kanban_record[data-id]"))
                .find(Boolean);
            const records = this.model.root.records || [];
            return card && records.find((record) => record.id === card.dataset.id)?.resId;
        }
    };

registry.category("views").add("onep_feed_list", {
    ...listView,
    Controller: withUpload(ListController),
    buttonTemplate: "onep_sourcing.FeedListView.Buttons",
});

registry.category("views").add("onep_feed_kanban", {
    ...kanbanView,
    Controller: withUpload(KanbanController),
    buttonTemplate: "onep_sourcing.FeedKanbanView.Buttons",
});
