"""An unknown total of a list is empty, no longer 0.

Weight, volume and margin of lists whose lines are all without one were summed to nothing.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE onep_picking_list AS list
           SET weight_kg = CASE WHEN told.weights = 0 THEN NULL ELSE list.weight_kg END,
               volume_m3 = CASE WHEN told.volumes = 0 THEN NULL ELSE list.volume_m3 END,
               expected_margin = CASE WHEN told.margins = 0 THEN NULL
                                      ELSE list.expected_margin END
          FROM (
               SELECT list_id, count(weight_g) AS weights, count(volume_l) AS volumes,
                      count(*) FILTER (WHERE margin_known) AS margins
                 FROM onep_picking_list_line
                WHERE quantity > 0
                GROUP BY list_id
               ) AS told
         WHERE told.list_id = list.id AND 0 IN (told.weights, told.volumes, told.margins)
        """
    )
