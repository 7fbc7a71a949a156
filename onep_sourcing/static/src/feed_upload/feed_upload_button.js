import { Component, useRef } from "@odoo/owl";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { useFeedUpload } from "./feed_upload_hook";

/** A button that asks for a price list. */
export class FeedUploadButton extends Component {
    static template = "onep_sourcing.FeedUploadButton";
    static props = { feedId: { type: Number, optional: true } };

    setup() {
        this.input = useRef("input");
        this.upload = useFeedUpload();
    }

    async onChange(ev) {
        await this.upload(ev.target.files, this.props.feedId);
        if (this.input.el) {
            this.input.el.value = "";
        }
    }
}

/** The drop area of a feed's form. */
export class FeedDropArea extends Component {
    static template = "onep_sourcing.FeedDropArea";
    static props = { ...standardWidgetProps };

    setup() {
        this.root = useRef("root");
        this.input = useRef("input");
        this.upload = useFeedUpload();
        useDropzone(this.root, (ev) => this.send(ev.dataTransfer.files));
    }

    async send(files) {
        if (await this.props.record.save()) {
            await this.upload(files, this.props.record.resId);
        }
    }

    async onChange(ev) {
        await this.send(ev.target.files);
        if (this.input.el) {
            this.input.el.value = "";
        }
    }
}

registry.category("view_widgets").add("onep_feed_drop", { component: FeedDropArea });
