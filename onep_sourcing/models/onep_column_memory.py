from datetime import timedelta

from odoo import api, fields, models

from ..ingest.automap import memory
from ..sql import column_memory as memory_sql
from .onep_feed_mapping import TARGET_FIELDS

#: Days after which what no file says any more is forgotten; by then it weighs next to nothing.
KEPT_DAYS_PARAMETER = "onep_sourcing.memory_days"
KEPT_DAYS = 6 * int(memory.HALF_LIFE_DAYS)
#: Lines of a feed: a supplier who dates its headers oddly must not fill the table.
KEPT_LINES = 1000


class OnepColumnMemory(models.Model):
    """What the mapper learned: in the files of a feed, a header filled a field so many times.

    Written by set-based SQL at each accepted file. It goes with its feed; wrong knowledge can be
    deleted.
    """

    _name = "onep.column.memory"
    _description = "What the mapper learned"
    _order = "last_seen_at desc, id desc"
    _rec_name = "header"

    feed_id = fields.Many2one(
        "onep.supplier.feed", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="feed_id.partner_id", store=True, index=True, string="Supplier"
    )
    company_id = fields.Many2one(related="feed_id.company_id", store=True)
    header = fields.Char(
        string="Column of the file", required=True, readonly=True, help="As it was last written."
    )
    words = fields.Char(
        required=True, readonly=True, help="What stays of the header from file to file."
    )
    field = fields.Selection(
        TARGET_FIELDS, string="Fills", readonly=True, help="Empty: the column was left out."
    )
    import_count = fields.Integer(string="Files", readonly=True)
    confirmed_count = fields.Integer(
        string="Checked", readonly=True, help="Files whose columns a person looked at."
    )
    correction_count = fields.Integer(
        string="Corrections",
        readonly=True,
        help="How often a person set it so against what was proposed.",
    )
    first_seen_at = fields.Datetime(string="First seen", readonly=True)
    last_seen_at = fields.Datetime(string="Last seen", readonly=True)
    corrected_at = fields.Datetime(string="Last corrected", readonly=True)

    _said_unique = models.UniqueIndex("(feed_id, words, COALESCE(field, ''))")
    _company_words_idx = models.Index("(company_id, words)")

    @api.model
    def _remember(self, feed, said, is_confirmed, files=1):
        """Add what a file, or a person, says of its columns.

        :param said: list of `sql.column_memory.Said`
        """
        if not said:
            return
        self.flush_model()
        self.env.cr.execute(
            memory_sql.upsert(
                (feed.id, feed.partner_id.id, feed.company_id.id),
                said,
                files=files,
                is_confirmed=is_confirmed,
                now=fields.Datetime.now(),
                user_id=self.env.uid,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_memory(self, columns, company, partner=None, feed=None):
        """What is remembered for a file with these columns.

        :param partner: who sends it; :param feed: whose it is; empty when nobody knows yet
        """
        feed = feed or self.env["onep.supplier.feed"]
        words = sorted(set(memory.keys(columns)))
        self.flush_model()
        rows = []
        if self.env.su or company in self.env.companies:
            rows = self.env.execute_query(
                memory_sql.select_facts(company.id, words, fields.Datetime.now())
            )
        return memory.Memory(
            columns,
            [memory.Fact(*row) for row in rows],
            feed=feed.id,
            supplier=(feed.partner_id or partner or self.env["res.partner"]).id,
            accepted={line.column: line.field or None for line in feed.mapping_ids},
        )

    @api.autovacuum
    def _gc_old(self):
        """Forget what no file says any more."""
        value = self.env["ir.config_parameter"].sudo().get_param(KEPT_DAYS_PARAMETER)
        days = int(value) if value and value.isdigit() else KEPT_DAYS
        self.flush_model()
        self.env.cr.execute(
            memory_sql.delete_old(fields.Datetime.now() - timedelta(days=days), KEPT_LINES)
        )
        self.invalidate_model()
