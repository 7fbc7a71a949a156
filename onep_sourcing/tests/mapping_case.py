"""The mapping screen on price lists of one supplier, with what a person does there."""

import base64
import json

from .import_case import ImportCase

SURE_LIST = "Référence;Désignation;Marque;Prix net HT\nA-1;Lampe;Toka;12,50\nA-2;Table;;49,00\n"


class MappingCase(ImportCase):
    def upload(self, text, name="tarif.csv", feed=None):
        upload = self.env["onep.feed.upload"]._create_from_file(name, text.encode(), feed)
        if not feed:
            upload.partner_id = self.partner
        return upload

    def line(self, upload, column):
        return upload.line_ids.filtered(lambda line: line.column == column)

    def meaning(self, upload, kind):
        return next(item for item in upload.meanings if item["kind"] == kind)

    def decide(self, upload, **decisions):
        upload.decisions = {**(upload.decisions or {}), **decisions}
        upload._onchange_decisions()

    def value(self, upload, field, text):
        upload.value_ids = [(0, 0, {"field": field, "value": text})]

    def exported(self, action):
        record = self.env["onep.mapping.file"].browse(int(action["url"].split("/")[4]))
        return json.loads(base64.b64decode(record.file))
