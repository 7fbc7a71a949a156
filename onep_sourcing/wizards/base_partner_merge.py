from odoo import api, models

from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_history as history_sql


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Offers follow their merged supplier: Odoo finds links by foreign keys, they have none.

        An article that both suppliers offer stays as the one that is kept has it.
        """
        done = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.flush_all()
        doubles = offer_sql.doubles_of_merge(src_partners.ids, dst_partner.id)
        self.env.cr.execute(history_sql.delete_of_offers(doubles))
        self.env.cr.execute(offer_sql.delete(doubles))
        self.env.cr.execute(offer_sql.move_to_supplier(src_partners.ids, dst_partner.id))
        self.env["onep.supplier.offer"].invalidate_model()
        return done
