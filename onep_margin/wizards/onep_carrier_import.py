import base64

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine import carrier_file, table_file
from ..figure_words import figure_words

#: Lines of the preview, and problems told at once.
SHOWN = 30


class OnepCarrierImport(models.TransientModel):
    """A carrier's grid from a CSV or XLSX file: read, shown, corrected, then saved as a whole."""

    _name = "onep.carrier.import"
    _description = "Import of a Carrier Grid"

    file = fields.Binary("Grid of the Carrier", attachment=False)
    file_name = fields.Char()
    replaced_id = fields.Many2one(
        "onep.carrier.grid",
        "Replaces",
        help="The grid that ends the day before. Empty: a carrier that is new here.",
    )
    name = fields.Char(compute="_compute_from_replaced", store=True, readonly=False)
    code = fields.Char(
        compute="_compute_from_replaced",
        store=True,
        readonly=False,
        help="Same code for the successive grids of one service of one carrier.",
    )
    country_id = fields.Many2one(
        "res.country",
        "Destination",
        compute="_compute_from_replaced",
        store=True,
        readonly=False,
    )
    valid_from = fields.Date("In Force From", default=fields.Date.context_today, required=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_settings", store=True, readonly=False
    )
    volumetric_divisor = fields.Float(
        digits=(10, 1),
        compute="_compute_settings",
        store=True,
        readonly=False,
        help="Volume in cm³ that counts as one kilogram. 0: only the real weight counts.",
    )
    fuel_rate = fields.Float(
        "Fuel Surcharge", digits=(6, 5), compute="_compute_settings", store=True, readonly=False
    )
    fixed_amount = fields.Float(
        "Per Parcel", digits=(16, 2), compute="_compute_settings", store=True, readonly=False
    )
    weight_unit = fields.Selection(
        [("kg", "Kilograms"), ("g", "Grams")], "Weights In", help="What the file counts weights in."
    )
    status = fields.Selection(
        selection=lambda self: (
            self.env["onep.fee.row.mixin"]._fields["status"]._description_selection(self.env)
        ),
        default="confirmed",
        required=True,
        help="Confirmed: this is your contract.",
    )
    usual_zone = fields.Char(
        "Zone of the Destination",
        compute="_compute_settings",
        store=True,
        readonly=False,
        help="The zone of this file that the country is in. Empty: the prices without a zone.",
    )
    zone_names = fields.Char("Zones", compute="_compute_preview")
    header_row = fields.Integer("Header in Row", default=1)
    column_ids = fields.One2many("onep.carrier.import.column", "import_id", "Columns")
    problem_count = fields.Integer(compute="_compute_preview")
    price_count = fields.Integer(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def default_get(self, fields_list):
        """Fill in the grid the wizard was opened on."""
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "onep.carrier.grid":
            values.setdefault("replaced_id", self.env.context.get("active_id") or False)
        return values

    @api.depends("replaced_id")
    def _compute_from_replaced(self):
        for wizard in self:
            grid = wizard.replaced_id
            wizard.name = grid.name or wizard.name
            wizard.code = grid.code or wizard.code
            wizard.country_id = grid.country_id or wizard.country_id or self.env.company.country_id

    @api.depends("file", "column_ids.role", "replaced_id")
    def _compute_settings(self):
        """Take the file's own settings, else those of the grid it replaces."""
        for wizard in self:
            file = wizard._read_grid()
            settings = file.settings
            grid = wizard.replaced_id
            # The next grid of a carrier has its zones, unless it names them otherwise.
            known = {grid.usual_zone} & {price.zone for price in file.prices}
            wizard.usual_zone = wizard.usual_zone or next(iter(known), False)
            currency = self.env["res.currency"].search([("name", "=", settings.get("currency"))])
            wizard.currency_id = currency or grid.currency_id or self.env.company.currency_id
            wizard.volumetric_divisor = settings.get("divisor", grid.volumetric_divisor)
            wizard.fuel_rate = settings.get("fuel", grid.fuel_rate)
            wizard.fixed_amount = settings.get("fixed", grid.fixed_amount)

    @api.onchange("file")
    def _onchange_file(self):
        """Recognise the columns of a file that was just chosen."""
        self.column_ids = [Command.clear()]
        if not self.file:
            return
        rows = self._read_rows()
        header = carrier_file.find_header(rows)
        columns = carrier_file.recognise(rows, header)
        self.header_row = header + 1
        self.weight_unit = carrier_file.weight_unit(columns)
        self.column_ids = [
            Command.create(
                {
                    "sequence": place,
                    "header": column.header,
                    "role": column.role,
                    "samples": " · ".join(column.samples),
                }
            )
            for place, column in enumerate(columns)
        ]

    @api.depends(
        "file", "weight_unit", "header_row", "column_ids.role", "currency_id", "usual_zone"
    )
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            grid = wizard._read_grid()
            problems = wizard._get_problems(grid)
            wizard.problem_count = len(problems)
            wizard.price_count = len(grid.prices)
            zones = dict.fromkeys(price.zone for price in grid.prices if price.zone)
            wizard.zone_names = ", ".join(zones)
            wizard.preview = wizard.file and self.env["ir.qweb"]._render(
                "onep_margin.carrier_import_preview",
                {
                    "prices": grid.prices[:SHOWN],
                    "read": grid.prices
                    and self.env._("%(count)s prices are read.", count=len(grid.prices)),
                    "problems": wizard._get_lines(problems),
                    "has_zones": bool(zones),
                    "lacks_zone": grid.prices
                    and all(price.zone for price in grid.prices)
                    and not wizard.usual_zone,
                    "figure": lambda value: figure_words(self.env, value),
                    "money": wizard.currency_id.format,
                },
            )

    def _read_rows(self):
        """Return the rows of the file; raises UserError when it is no table."""
        # Screens read a file's size in place of its bytes; a form not saved holds them itself.
        wizard = self.with_context(bin_size=False) if self.env.context.get("bin_size") else self
        content = base64.b64decode(wizard.file or b"")
        try:
            return table_file.read(content)
        except table_file.UnreadableFile as error:
            messages = {
                "empty": self.env._("This file is empty."),
                "not_a_table": self.env._(
                    "This file cannot be read as a table. Save it as CSV or XLSX and try again."
                ),
                "too_long": self.env._(
                    "This file has more than %(count)s rows: it is no carrier grid.",
                    count=table_file.MAX_ROWS,
                ),
            }
            raise UserError(messages[error.args[0]]) from error

    def _read_grid(self):
        """Return the ``engine.carrier_file.Grid`` of the file as it is read now."""
        columns = self.column_ids.sorted("sequence")
        if not self.file or not columns:
            return carrier_file.Grid((), {}, ())
        return carrier_file.parse(
            self._read_rows(),
            self.header_row - 1,
            [column.role or "ignore" for column in columns],
            self.weight_unit or "kg",
            [column.header or "" for column in columns],
        )

    def _get_problems(self, grid):
        """Return (line, words) of what is wrong with the file."""
        problems = [(problem.line, self._get_words(problem)) for problem in grid.problems]
        if self.file and not self.weight_unit:
            problems.insert(0, (0, self.env._("Say whether the weights are kilograms or grams.")))
        code = grid.settings.get("currency")
        if code and not self.env["res.currency"].search_count([("name", "=", code)], limit=1):
            problems.insert(
                0,
                (
                    0,
                    self.env._(
                        "The file counts in %(currency)s: activate this currency first.",
                        currency=code,
                    ),
                ),
            )
        zones = sorted({price.zone for price in grid.prices if price.zone})
        if grid.prices and self.usual_zone and self.usual_zone not in zones:
            problems.append(
                (
                    0,
                    self.env._(
                        "The file has no zone %(zone)s. Its zones: %(zones)s.",
                        zone=self.usual_zone,
                        zones=", ".join(zones) or self.env._("none"),
                    ),
                )
            )
        if self.file and not grid.prices and not problems:
            problems.append((0, self.env._("There is no price in this file.")))
        return problems

    def _get_lines(self, problems):
        """Return the first problems as lines of text, and how many more there are."""
        lines = [
            self.env._("Line %(line)s: %(problem)s", line=line, problem=words) if line else words
            for line, words in problems[:SHOWN]
        ]
        if len(problems) > SHOWN:
            lines.append(self.env._("… and %(count)s more.", count=len(problems) - SHOWN))
        return lines

    def _get_words(self, problem):
        """Return a problem of ``engine.carrier_file`` in words that say what to do."""
        params = problem.params
        place = (params.get("zone") and self.env._(" in zone %s", params["zone"])) or ""
        text = params.get("text", "")
        settings = {
            "currency": self.env._("currency"),
            "divisor": self.env._("divisor"),
            "fuel": self.env._("fuel surcharge"),
            "fixed": self.env._("amount per parcel"),
        }
        words = {
            "no_weight": lambda: self.env._("No column holds the weights: choose it below."),
            "no_price": lambda: self.env._("No column holds the prices: choose it below."),
            "weight_missing": lambda: self.env._("There is no weight."),
            "weight_unreadable": lambda: self.env._(
                "“%(text)s” is not a weight: write a figure, or leave it empty for no limit.",
                text=text,
            ),
            "weight_order": lambda: self.env._(
                "The band %(text)s ends before it begins.", text=text
            ),
            "price_missing": lambda: self.env._("There is no price."),
            "price_unreadable": lambda: self.env._("“%(text)s” is not a price.", text=text),
            "price_not_positive": lambda: self.env._(
                "A price of %(text)s would make the carrier free: correct it, or delete the line.",
                text=text,
            ),
            "double": lambda: self.env._(
                "A second price up to %(weight)s g%(place)s: line %(other)s has one.",
                weight=figure_words(self.env, params["weight"]),
                place=place,
                other=params["other"],
            ),
            "hole": lambda: self.env._(
                "No price between %(reached)s and %(start)s g%(place)s.",
                reached=figure_words(self.env, params["reached"]),
                start=figure_words(self.env, params["start"]),
                place=place,
            ),
            "setting_unreadable": lambda: self.env._(
                "“%(text)s” is not a %(name)s.", text=text, name=settings[params["name"]]
            ),
            "setting_differs": lambda: self.env._(
                "The %(name)s is %(text)s here and another further up: a grid has one.",
                text=text,
                name=settings[params["name"]],
            ),
        }
        return words[problem.key]()

    def action_import(self):
        """Save the grid whole, ending the one it replaces; or say every line that is wrong."""
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose the file of the carrier first."))
        grid = self._read_grid()
        problems = self._get_problems(grid)
        if problems:
            raise UserError(
                self.env._("Nothing was imported. Correct the file, or how it is read:")
                + "\n"
                + "\n".join(self._get_lines(problems))
            )
        if self.replaced_id and self.valid_from > self.replaced_id.valid_from:
            self.replaced_id._end_before(self.valid_from)
        created = self.env["onep.carrier.grid"].create(self._prepare_grid_vals(grid))
        return created._get_records_action()

    def _prepare_grid_vals(self, grid):
        """Return the values of the grid; limits and supplements, which no file says, are those of
        the one replaced.
        """
        kept = {
            name: self.replaced_id[name]
            for name in (
                "weight_step_g",
                "side_step_mm",
                "max_weight_g",
                "max_longest_mm",
                "max_sum_mm",
                "max_girth_mm",
            )
        }
        mark = {"status": self.status, "source": self.file_name or False}
        return {
            **kept,
            **mark,
            "name": self.name,
            "code": self.code,
            "country_id": self.country_id.id,
            "company_id": self.replaced_id.company_id.id,
            "valid_from": self.valid_from,
            "currency_id": self.currency_id.id,
            "volumetric_divisor": self.volumetric_divisor,
            "fuel_rate": self.fuel_rate,
            "fixed_amount": self.fixed_amount,
            "usual_zone": self.usual_zone,
            "line_ids": [
                Command.create(
                    {
                        "zone": price.zone or False,
                        "weight_max_g": price.weight_to_g,
                        "amount": price.amount,
                        **mark,
                    }
                )
                for price in grid.prices
            ],
            "supplement_ids": [
                Command.create(vals)
                for vals in self.replaced_id.supplement_ids.filtered("active").copy_data()
            ],
        }

    def action_template(self):
        """Download an example file in the shape that is recognised without a question."""
        Grid = self.env["onep.carrier.grid"]
        rows = [Grid._get_file_header(), *Grid._get_file_example()]
        return Grid._get_file_download(rows, self.env._("carrier-grid-template"))
