import base64
import binascii

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..planning import negotiation_file

LARGEST_FILE = 10 * 1024 * 1024


class OnepNegotiationAnswer(models.TransientModel):
    """The sheet that a supplier sent back: read, shown, then taken."""

    _name = "onep.negotiation.answer"
    _description = "Answer to a Negotiation"

    negotiation_id = fields.Many2one(
        "onep.negotiation", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="negotiation_id.currency_id")
    file = fields.Binary(attachment=False, string="File sent back")
    file_name = fields.Char()
    is_read = fields.Boolean(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    line_ids = fields.One2many("onep.negotiation.answer.line", "answer_id")
    refused_count = fields.Integer("Refused", compute="_compute_counts")
    taken_count = fields.Integer("To be agreed", compute="_compute_counts")
    blank_count = fields.Integer("Left blank", compute="_compute_counts")
    missing_count = fields.Integer("Lines not in the file", readonly=True)
    saving = fields.Monetary(compute="_compute_counts")

    @api.depends("line_ids.is_taken", "line_ids.outcome")
    def _compute_counts(self):
        for answer in self:
            taken = answer.line_ids.filtered("is_taken")
            answer.taken_count = len(taken)
            answer.saving = sum(
                (row.price - row.answer_price) * row.line_id.quantity for row in taken
            )
            for name, outcome in (("refused_count", "refused"), ("blank_count", "blank")):
                rows = answer.line_ids.filtered(lambda row, key=outcome: row.outcome == key)
                answer[name] = len(rows)

    def _get_dialog(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Supplier's answer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_read(self):
        """Read the file and show what it says, row by row."""
        self.ensure_one()
        data = self._get_data()
        lines = {line._get_ref(): line for line in self.negotiation_id.line_ids}
        try:
            reading = negotiation_file.read(data, lines)
        except negotiation_file.UnreadableFile:
            raise UserError(
                self.env._(
                    "“%(file)s” cannot be read: it is no Excel file (.xlsx), or it is damaged. "
                    "Ask the supplier to send it again, saved as .xlsx.",
                    file=self.file_name or self.env._("The file"),
                )
            ) from None
        except negotiation_file.ForeignFile:
            raise UserError(
                self.env._(
                    "“%(file)s” is not the sheet of a negotiation: its hidden row of marks is "
                    "missing. The supplier has to fill in the sheet that was sent.",
                    file=self.file_name or self.env._("The file"),
                )
            ) from None
        if not len(reading):
            raise UserError(self.env._("This sheet has no row: nothing was answered."))
        vals = [self._prepare_answer(told, lines[told.ref]) for told in reading.answers]
        vals += [self._prepare_refusal(told, lines.get(told.ref)) for told in reading.refusals]
        self.write(
            {
                "is_read": True,
                "row_count": len(reading),
                "missing_count": len(lines) - len(reading.answers),
                "line_ids": [
                    Command.clear(),
                    *map(Command.create, sorted(vals, key=lambda row: row["row"])),
                ],
            }
        )
        return self._get_dialog()

    def _get_data(self):
        if not self.file:
            raise UserError(self.env._("Choose the file that the supplier sent back."))
        try:
            data = base64.b64decode(self.file)
        except binascii.Error:
            data = b""
        if not data:
            raise UserError(self.env._("This file is empty."))
        if len(data) > LARGEST_FILE:
            raise UserError(self.env._("This file is larger than 10 MB: it is not the sheet sent."))
        return data

    def _prepare_answer(self, told, line):
        """What a row that was read says; a price as asked for, or below, is taken."""
        if told.price is None:
            outcome = "blank"
        elif told.price <= line.wanted_price + 1e-9:
            outcome = "reached"
        elif told.price < line.price - 1e-9:
            outcome = "counter"
        else:
            outcome = "kept"
        return {
            "row": told.row,
            "line_id": line.id,
            "name": line.name,
            "price": line.price,
            "wanted_price": line.wanted_price,
            "answer_price": False if told.price is None else told.price,
            "outcome": outcome,
            "is_taken": outcome == "reached",
        }

    def _prepare_refusal(self, told, line):
        """What a row that says nothing usable reads, of the line it is for when that is known."""
        words = {
            negotiation_file.NO_REFERENCE: self.env._("no reference: the row was added by hand"),
            negotiation_file.UNKNOWN_REFERENCE: self.env._("not a line of this negotiation"),
            negotiation_file.TWICE: self.env._("this line is answered further up already"),
            negotiation_file.NOT_A_PRICE: self.env._("not a price, or one that reads two ways"),
            negotiation_file.NOT_POSITIVE: self.env._("a price has to be above zero"),
        }
        reason = words[told.reason]
        return {
            "row": told.row,
            "name": line.name if line else told.text,
            "price": line.price if line else 0.0,
            "wanted_price": line.wanted_price if line else 0.0,
            "outcome": "refused",
            "reason": f"{told.text}: {reason}" if line else reason,
        }

    def action_apply(self):
        """Keep the answers; those taken are the prices we buy at from now on."""
        self.ensure_one()
        negotiation = self.negotiation_id
        negotiation._check_state("sent", "answered")
        if not self.is_read:
            raise UserError(self.env._("Press “Read” first."))
        rows = self.line_ids.filtered("line_id")
        negotiation.check_access("write")
        for row in rows.filtered(lambda row: row.outcome != "blank"):
            row.line_id.sudo().answer_price = row.answer_price
        taken = rows.filtered(lambda row: row.is_taken and row.answer_price)
        negotiation.state = "answered"
        taken.line_id._agree()
        negotiation.message_post(
            body=self.env._(
                "Answer read: %(rows)s rows, %(taken)s prices agreed, %(refused)s rows refused.",
                rows=self.row_count,
                taken=len(taken),
                refused=self.refused_count,
            ),
            attachments=[(self.file_name or "answer.xlsx", base64.b64decode(self.file))],
        )
        return {"type": "ir.actions.act_window_close"}
