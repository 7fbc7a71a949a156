import logging

from odoo import api, fields, models

from ..sql import marketplace_call

_logger = logging.getLogger(__name__)

#: Where a transaction keeps the calls made in it.
_COLLECTED = "onep_marketplace_calls"


class OnepMarketplaceCall(models.Model):
    """One call to a marketplace, as the transport saw it. No address, header or body in it."""

    _name = "onep.marketplace.call"
    _description = "API Call"
    _order = "at desc, id desc"
    _rec_name = "operation"
    _log_access = False

    marketplace_id = fields.Many2one(
        "onep.marketplace", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    operation = fields.Char(required=True, readonly=True)
    at = fields.Datetime("Called at", required=True, readonly=True)
    status = fields.Integer(
        readonly=True, aggregator=None, help="HTTP status; 0 without an answer."
    )
    duration_ms = fields.Integer("Duration (ms)", readonly=True, aggregator="avg")
    bytes_in = fields.Integer("Bytes Received", readonly=True)
    bytes_out = fields.Integer("Bytes Sent", readonly=True)
    batch_size = fields.Integer(
        "EANs Asked", readonly=True, help="How many EANs this call asked for."
    )
    attempt = fields.Integer(
        readonly=True, aggregator=None, help="2 when a cut connection was tried once more."
    )
    correlation_id = fields.Char("Correlation Id", readonly=True, help="Sent with the call.")
    request_id = fields.Char(
        "Marketplace's Id", readonly=True, help="The marketplace's own name of this call."
    )
    first_gtin = fields.Char("First EAN", readonly=True)
    error_rule = fields.Char("Error", readonly=True)

    _marketplace_at_index = models.Index("(marketplace_id, at)")
    _at_index = models.Index("USING brin (at)")
    _correlation_index = models.Index("(correlation_id)")

    @api.model
    def _store(self, records):
        """Keep calls that were made.

        records: CallRecord of the transport, in any number; those of deleted accounts are left out
        """
        if not records:
            return
        ids = {marketplace_call.account_id(record.account) for record in records}
        accounts = self.env["onep.marketplace"].sudo().browse(ids - {0}).exists()
        companies = {account.id: account.company_id.id for account in accounts}
        self.env.cr.copy_expert(
            marketplace_call.copy_statement(), marketplace_call.as_csv(records, companies)
        )
        self.invalidate_model()

    @api.model
    def _get_collector(self):
        """What a transport tells its calls to: they are kept when this transaction is committed.

        Calls that were made stay made when the transaction is rolled back: then they are kept in a
        transaction of their own.
        """
        cr, registry = self.env.cr, self.env.registry

        def store_beside(records):
            with registry.cursor() as own:
                self.with_env(api.Environment(own, self.env.uid, {})).sudo()._store(records)

        def collect(record):
            records = cr.precommit.data.get(_COLLECTED)
            if records is None:
                records = cr.precommit.data[_COLLECTED] = []
                cr.precommit.add(lambda: self.sudo()._store(records))
                cr.postrollback.add(lambda: store_beside(records))
            if records and records[-1].correlation_id == record.correlation_id:
                # told again: its answer was of no use
                records.pop()
            records.append(record)

        return collect
