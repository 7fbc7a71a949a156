from odoo import fields, models

from ..models.ingest_messages import get_whose_message


class OnepFeedUpload(models.TransientModel):
    """Whose file is on the mapping screen, when it was dropped without its feed."""

    _inherit = "onep.feed.upload"

    is_recognised = fields.Boolean(readonly=True, help="The feed was found; nobody chose it.")
    recognised_by = fields.Text(readonly=True, help="What tells that it is of its feed.")
    candidate_ids = fields.One2many(
        "onep.feed.upload.candidate", "upload_id", string="Possible feeds", readonly=True
    )

    def _recognise_feed(self, shape, sample):
        """Give the file to the feed it is certainly of, else offer those it may be of."""
        self.ensure_one()
        feeds = self.env["onep.supplier.feed"]
        layout = feeds._read_layout(
            {
                "headers": shape.columns,
                "rows": sample.frame.fillna("").to_numpy().tolist(),
                "figures": sample.figures,
            }
        )
        found = feeds._recognise(
            self.file_name, shape.columns, sample.frame.fillna(""), layout, self.company_id
        )
        sure = next((one for one in found if one.is_sure), None)
        if sure:
            self.is_recognised = True
            self.recognised_by = get_whose_message(self.env, sure.why)
            self._give_to(feeds.browse(sure.feed))
            return
        self.candidate_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {"feed_id": one.feed, "why": get_whose_message(self.env, one.why)}
                )
                for one in found
            ),
        ]

    def _give_to(self, feed):
        """The file is of this feed: its settings, and what was confirmed of its files."""
        self.feed_id = feed
        self._take_over_feed()
        self.write({"candidate_ids": [fields.Command.clear()], **self._prepare_reading_vals(feed)})

    def _choose_feed(self, feed):
        """A person says whose file it is: read it again with what its earlier files taught."""
        self.ensure_one()
        before = self._get_choices()
        self._give_to(feed)
        self._analyse()
        if not self.error_message:
            self._restore_choices(before)
