from odoo import api, models

from ..ingest.automap import memory, recognise
from ..sql import feed_recognition


class OnepFeedRecognition(models.Model):
    """Whose file it is, when it comes without its feed."""

    _inherit = "onep.supplier.feed"

    @api.model
    def _recognise(self, file_name, columns, sample, layout, company):
        """The feeds of a company that a file may be of.

        :param columns: unique names, in order; :param sample: its first rows as text
        :param layout: what these columns look like
        :return: list of `recognise.Candidate`, likeliest first, the first one may be sure
        """
        feeds = self.search([("company_id", "=", company.id)])
        if not feeds:
            return []
        self.env.flush_all()
        words = sorted(set(memory.keys(columns)))
        traits = [
            recognise.Traits(*row[:-1], file_names=tuple(row[-1]))
            for row in self.env.execute_query(
                feed_recognition.select_traits(feeds.ids, columns, words)
            )
        ]
        keys = recognise.read_keys(sample, layout, feeds._get_joints())
        suppliers = sorted({one.supplier for one in traits})
        met = {
            supplier: recognise.Met(*counts)
            for supplier, *counts in self.env.execute_query(
                feed_recognition.select_met(company.id, suppliers, keys)
            )
        }
        return recognise.recognise(keys, met, traits, file_name or "", len(columns))

    def _get_joints(self):
        """{(before, after)}: what feeds put around the SKUs of their files."""
        joints = set()
        for feed in self:
            expressions = (feed.reading or {}).get("expressions") or {}
            parts = (expressions.get("supplier_sku") or {}).get("parts") or []
            places = [place for place, part in enumerate(parts) if part.get("column")]
            if len(places) == 1:
                texts = [part.get("text") or "" for part in parts]
                place = places[0]
                joints.add(("".join(texts[:place]), "".join(texts[place + 1 :])))
        return joints
