"""What the known offers, columns and files of feeds say of a file that nobody gave to one."""

from collections.abc import Sequence

from odoo.tools import SQL

from ..ingest.automap.recognise import Keys

#: Names of its latest files that are compared.
FILE_NAMES = 5


def select_traits(feed_ids: Sequence[int], columns: Sequence[str], words: Sequence[str]) -> SQL:
    """(feed, supplier, its name, has these columns, words known, has offers, [file names]).

    Leans on the indexes of onep_feed_mapping (feed_id), onep_column_memory (feed_id, words, …),
    onep_supplier_offer (feed_id, is_present) and onep_import (feed_id, id).
    """
    return SQL(
        """
        SELECT feed.id, feed.partner_id, partner.name,
               COALESCE((SELECT array_agg(line."column" ORDER BY line.column_index, line.id)
                           FROM onep_feed_mapping AS line
                          WHERE line.feed_id = feed.id) = %(columns)s::varchar[], FALSE),
               (SELECT count(DISTINCT words) FROM onep_column_memory
                 WHERE feed_id = feed.id AND words = ANY(%(words)s)),
               EXISTS (SELECT FROM onep_supplier_offer
                        WHERE feed_id = feed.id AND is_present),
               ARRAY(SELECT file_name FROM onep_import
                      WHERE feed_id = feed.id AND file_name IS NOT NULL
                      ORDER BY id DESC LIMIT %(file_names)s)
          FROM onep_supplier_feed AS feed
          JOIN res_partner AS partner ON partner.id = feed.partner_id
         WHERE feed.id = ANY(%(ids)s)
         ORDER BY feed.id
        """,
        ids=list(feed_ids),
        columns=list(columns),
        words=list(words),
        file_names=FILE_NAMES,
    )


def select_met(company_id: int, partner_ids: Sequence[int], keys: Keys) -> SQL:
    """(supplier, rows met, of them with EANs on both sides, of those the same, prices, barcodes).

    The fields of a `recognise.Met`, in its order. A supplier's codes are those of the one column
    of the file that meets most rows. Leans on the unique index of onep_supplier_offer (partner_id,
    supplier_sku, company_id), by which each code is looked up for each supplier (the limit of one
    keeps the planner from reading all offers instead), and on (gtin).
    """
    rows, columns, texts = zip(*keys.cells, strict=True) if keys.cells else ((), (), ())
    code_rows, codes = zip(*keys.codes, strict=True) if keys.codes else ((), ())
    of_figures = zip(*keys.figures, strict=True) if keys.figures else ((), (), ())
    figure_rows, figure_columns, figures = of_figures
    return SQL(
        """
        WITH cell AS (
            SELECT * FROM unnest(%(rows)s::int[], %(columns)s::int[], %(texts)s::varchar[])
                       AS cell (place, col, text)
        ), code AS (
            SELECT * FROM unnest(%(code_rows)s::int[], %(codes)s::varchar[]) AS code (place, gtin)
        ), figure AS (
            SELECT * FROM unnest(
                %(figure_rows)s::int[], %(figure_columns)s::int[], %(figures)s::float8[])
                AS figure (place, col, amount)
        ), met AS (
            SELECT supplier.id AS partner_id, cell.col, cell.place, offer.gtin, offer.price_untaxed
              FROM cell
             CROSS JOIN unnest(%(partners)s::int[]) AS supplier (id)
             CROSS JOIN LATERAL (
                 SELECT gtin, price_untaxed FROM onep_supplier_offer
                  WHERE partner_id = supplier.id
                    AND supplier_sku = cell.text
                    AND company_id = %(company)s
                  LIMIT 1) AS offer
        ), best AS (
            SELECT DISTINCT ON (partner_id) partner_id, col
              FROM met
             GROUP BY partner_id, col
             ORDER BY partner_id, count(DISTINCT place) DESC, col
        ), own AS (
            SELECT met.*,
                   EXISTS (SELECT FROM code WHERE code.place = met.place) AND gtin IS NOT NULL
                       AS is_coded,
                   EXISTS (SELECT FROM code WHERE code.place = met.place AND code.gtin = met.gtin)
                       AS is_agreed
              FROM met JOIN best USING (partner_id, col)
        ), counted AS (
            SELECT partner_id, count(DISTINCT place) AS places,
                   count(DISTINCT place) FILTER (WHERE is_coded) AS coded,
                   count(DISTINCT place) FILTER (WHERE is_agreed) AS agreed
              FROM own GROUP BY partner_id
        ), priced AS (
            SELECT partner_id, max(prices) AS prices
              FROM (SELECT partner_id, figure.col, count(DISTINCT own.price_untaxed) AS prices
                      FROM own JOIN figure USING (place)
                     WHERE abs(figure.amount - own.price_untaxed::float8)
                           <= least(0.0051, 0.01 * figure.amount)
                     GROUP BY partner_id, figure.col) AS by_column
             GROUP BY partner_id
        ), listed AS (
            SELECT offer.partner_id, count(DISTINCT code.place) AS barcodes
              FROM code JOIN onep_supplier_offer AS offer ON offer.gtin = code.gtin
             WHERE offer.company_id = %(company)s AND offer.partner_id = ANY(%(partners)s)
             GROUP BY offer.partner_id
        )
        SELECT COALESCE(counted.partner_id, listed.partner_id), COALESCE(places, 0),
               COALESCE(coded, 0), COALESCE(agreed, 0), COALESCE(prices, 0), COALESCE(barcodes, 0)
          FROM counted
          FULL JOIN listed USING (partner_id)
          LEFT JOIN priced ON priced.partner_id = counted.partner_id
        """,
        company=company_id,
        partners=list(partner_ids),
        rows=list(rows),
        columns=list(columns),
        texts=list(texts),
        code_rows=list(code_rows),
        codes=list(codes),
        figure_rows=list(figure_rows),
        figure_columns=list(figure_columns),
        figures=list(figures),
    )
