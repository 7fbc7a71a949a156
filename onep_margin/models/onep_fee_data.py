import logging

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import file_open, mute_logger

from ..engine import fee_files

_logger = logging.getLogger(__name__)

MODULE = "onep_margin"
FOLDER = f"{MODULE}/data/fees"
#: Files of rows, each after those it refers to.
FILES = (
    ("vat_rates", "onep.vat.rate"),
    ("fee_categories", "onep.fee.category"),
    ("rate_cards", "onep.rate.card"),
    ("surcharges", "onep.rate.card.surcharge"),
    ("commissions", "onep.rate.card.line"),
    ("fulfilment_tiers", "onep.logistics.tier"),
    ("fulfilment_bands", "onep.logistics.band"),
    ("fulfilment_adjustments", "onep.logistics.adjustment"),
    ("carriers", "onep.carrier.grid"),
    ("carrier_prices", "onep.carrier.grid.line"),
    ("contributions", "onep.contribution"),
    ("sales_rank_curves", "onep.sales.rank.curve"),
)
NAMES_FILE = "category_names"


class OnepFeeData(models.AbstractModel):
    """Loads the fee data shipped with the addon, now and at each update of it.

    A row is known by its id, an XML id. Rows that an administrator changed or archived are
    theirs and stay as they are; so do rows they wrote. Shipped rows that the data no longer
    has are archived. Loading twice changes nothing.
    """

    _name = "onep.fee.data"
    _description = "Shipped Fee Data"

    @api.model
    def _load(self):
        """Bring the database to the shipped data; return {model: (created, updated)}."""
        loader = self.with_context(
            onep_fee_data_load=True, tracking_disable=True, lang="en_US", active_test=False
        ).sudo()
        version = self._read_version()
        report = {}
        for name, model in FILES:
            report[model] = loader._load_rows(model, loader._read_file(name), version)
        model = "onep.fee.category.map"
        report[model] = loader._load_rows(model, loader._prepare_names(), version)
        changed = {model: counts for model, counts in report.items() if any(counts)}
        if changed:
            _logger.info("Fee data %s: (created, updated) %s", version, changed)
        return report

    @api.model
    def _read_version(self):
        """Return the version of the shipped data."""
        with file_open(f"{FOLDER}/VERSION") as stream:
            return stream.read().strip()

    @api.model
    def _read_file(self, name):
        """Return the rows of a shipped file as dicts of text, one per record."""
        return fee_files.read(name)

    def _prepare_names(self):
        """Spread the shipped table of category names, one column a marketplace, over rows."""
        rows = []
        for line in self._read_file(NAMES_FILE):
            for platform, _label in self.env["onep.rate.card"]._get_platforms():
                if not line.get(platform):
                    continue
                key = self.env["ir.http"]._slugify(line["name"]).replace("-", "_")
                rows.append(
                    {
                        "id": f"fee_category_map_{platform}_{key}",
                        "fee_category_id": f"fee_category_{platform}_{line[platform]}",
                        "platform": platform,
                        "source_name": line["name"],
                        "confidence": line["confidence"],
                        "status": "confirmed",
                    }
                )
        return rows

    def _load_rows(self, model, rows, version):
        """Create and update the shipped rows of one model; return (created, updated)."""
        known = self._get_known(model)
        created, updated = [], 0
        for row in rows:
            vals = self._convert(model, row)
            record = known.pop(row["id"], None)
            if record is None:
                created.append((row["id"], vals))
            elif record.origin == "shipped" and self._update(record, vals, version):
                updated += 1
        self._create(model, created, version)
        dropped = (
            self.env[model]
            .union(*known.values())
            .filtered(lambda record: record.origin == "shipped" and record.active)
        )
        dropped.write({"active": False})
        return len(created), updated + len(dropped)

    def _get_known(self, model):
        """Return {name of its XML id: record} of the rows loaded before."""
        data = self.env["ir.model.data"].search_fetch(
            [("module", "=", MODULE), ("model", "=", model)], ["name", "res_id"]
        )
        records = self.env[model].browse(data.mapped("res_id")).exists()
        by_id = {record.id: record for record in records}
        return {line.name: by_id[line.res_id] for line in data if line.res_id in by_id}

    def _convert(self, model, row):
        """Return the values of a row of text; empty cells are false."""
        vals = {}
        for name, text in row.items():
            if name == "id":
                continue
            field = self.env[model]._fields[name]
            if field.type == "many2one":
                xml_id = text if "." in text else f"{MODULE}.{text}"
                vals[name] = bool(text) and self.env.ref(xml_id).id
            elif field.type in ("float", "monetary"):
                vals[name] = float(text or 0.0)
            elif field.type == "integer":
                vals[name] = int(text or 0)
            elif field.type == "boolean":
                vals[name] = text == "1"
            else:
                vals[name] = text or False
        return vals

    def _update(self, record, vals, version):
        """Write what differs on a shipped row; return whether anything did."""
        different = {
            name: value for name, value in vals.items() if not self._is_same(record, name, value)
        }
        return bool(different) and self._try(
            record.display_name, lambda: record.write(different | {"data_version": version})
        )

    @api.model
    def _is_same(self, record, name, value):
        """Return whether a field of a record already has a converted value."""
        field, current = record._fields[name], record[name]
        if field.type == "many2one":
            return (current.id or False) == value
        if field.type in ("float", "monetary"):
            return abs(current - value) < 1e-6
        if field.type == "date":
            return (fields.Date.to_string(current) or False) == value
        return (current or False) == (value or False)

    def _create(self, model, rows, version):
        """Create shipped rows, at once if possible, else without those that conflict."""
        if not rows:
            return
        if not self._try(False, lambda: self._create_all(model, rows, version)):
            for row in rows:
                self._try(row[0], lambda row=row: self._create_all(model, [row], version))

    def _try(self, name, action):
        """Do something that an administrator's rows may forbid; return whether it was done.

        name: the shipped row to report as left out; false to say nothing
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                action()
        except (ValidationError, IntegrityError) as error:
            if name:
                _logger.warning("Shipped fee row %s left out: %s", name, error.args[0])
            return False
        return True

    def _create_all(self, model, rows, version):
        """Create shipped rows and their XML ids, which updates of the addon leave alone."""
        records = self.env[model].create(
            [vals | {"origin": "shipped", "data_version": version} for _name, vals in rows]
        )
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}
                for (name, _vals), record in zip(rows, records, strict=True)
            ]
        )
