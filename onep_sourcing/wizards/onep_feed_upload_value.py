from odoo import api, fields, models

from ..ingest import constants, expressions
from ..models.column_labels import name_columns
from ..models.ingest_messages import get_rule_message


class OnepFeedUploadValue(models.TransientModel):
    """A value for all rows: for a field without a column, or where its cells are empty."""

    _name = "onep.feed.upload.value"
    _description = "Value for all rows of an uploaded price list"

    upload_id = fields.Many2one("onep.feed.upload", required=True, ondelete="cascade")
    field = fields.Selection("_get_field_selection", string="Fills", required=True)
    value = fields.Char(
        required=True,
        help="The same for each row, such as Lego, 20 % or 6; or columns joined: [Brand] + "
        "[Model]. A cell that holds something is never overwritten.",
    )

    @api.model
    def _get_field_selection(self):
        """Fields that can be the same for all rows, or made of other columns."""
        field = self.env["onep.feed.mapping"]._fields["field"]
        return [
            item
            for item in field._description_selection(self.env)
            if item[0] not in ("ean", "tier_qty", "tier_price")
        ]


class OnepFeedUpload(models.TransientModel):
    """Values for all rows and expressions, read from what a person typed."""

    _inherit = "onep.feed.upload"

    value_ids = fields.One2many("onep.feed.upload.value", "upload_id", string="Values for all rows")

    def _get_valued_fields(self):
        """Fields that a value fills, without a column or beside it."""
        by_column = set(self.line_ids.mapped("field"))
        return [line.field for line in self.value_ids if line.field and line.field not in by_column]

    def _get_adjustments(self):
        """What was typed, in the form of the ingest package.

        :return: ({field: constant}, {field: Expression}, [what is wrong, for the person])
        """
        self.ensure_one()
        labels = dict(self.line_ids._fields["field"]._description_selection(self.env))
        columns = self.line_ids.mapped("column")
        names = self._get_column_labels()
        found, values, problems = {}, {}, []

        def read(field, text, parse):
            try:
                return parse()
            except (expressions.InvalidExpression, constants.InvalidConstant) as error:
                params = dict(error.params)
                if "field" in params:
                    params["field"] = labels[field]
                message = get_rule_message(self.env, {"rule": error.rule, "params": params})
                problems.append(
                    self.env._("%(field)s: %(problem)s", field=labels[field], problem=message)
                )
                return None

        for line in self.line_ids:
            if line.field and line.adjustment:
                expression = read(
                    line.field,
                    line.adjustment,
                    lambda line=line: expressions.parse(
                        name_columns(line.adjustment, names), line.field, columns, line.column
                    ),
                )
                if expression and found.get(line.field, expression) != expression:
                    problems.append(
                        self.env._(
                            "%(field)s is adjusted in two ways: keep one.",
                            field=labels[line.field],
                        )
                    )
                elif expression:
                    found[line.field] = expression
        for line in self.value_ids:
            field, text = line.field, name_columns(line.value or "", names)
            if not field:
                continue
            if expressions.is_expression(text):
                if field in found or field in self.line_ids.mapped("field"):
                    problems.append(
                        self.env._(
                            "%(field)s already has a column: join the columns there, under "
                            "“Adjust”.",
                            field=labels[field],
                        )
                    )
                    continue
                expression = read(
                    field,
                    text,
                    lambda field=field, text=text: expressions.parse(text, field, columns),
                )
                if expression:
                    found[field] = expression
                continue
            value = read(field, text, lambda field=field, text=text: constants.clean(field, text))
            if value and field in values:
                problems.append(
                    self.env._("%(field)s has two values: keep one.", field=labels[field])
                )
            elif value:
                values[field] = value
        return values, found, problems
