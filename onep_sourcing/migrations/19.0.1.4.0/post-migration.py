"""Opportunities tell the catalogue's currency beside the one they are paid in, and vendor price
lists whether a price was negotiated: those that an RFQ of ours copied from a catalogue were not.

An RFQ and the vendor rows it made bear the time of one transaction.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE onep_opportunity SET catalogue_currency_id = offer_currency_id
         WHERE catalogue_currency_id IS NULL
        """
    )
    cr.execute(
        """
        UPDATE product_supplierinfo AS vendor SET onep_price_source = 'catalogue'
          FROM purchase_order_line AS line
         WHERE line.opportunity_id IS NOT NULL AND line.product_id = vendor.product_id
           AND line.create_date = vendor.create_date AND line.price_unit = vendor.price
           AND vendor.write_date = vendor.create_date
        """
    )
