"""The staging tables of an import: temporary, one per session, filled by COPY.

They live as long as the database session: an import that dies leaves nothing behind, and the
real tables change only in the last transaction of the run.
"""

from odoo.tools import SQL

# Columns of an accepted row in COPY order, with their PostgreSQL type. Names are those of the
# normalised frame of the ingest package.
OFFER_COLUMNS = {
    "line": "integer",
    "supplier_sku": "text",
    "gtin": "text",
    "manufacturer_part_number": "text",
    "name": "text",
    "description": "text",
    "brand": "text",
    "category": "text",
    "purchase_price": "numeric",
    "recommended_retail_price": "numeric",
    "recommended_retail_price_taxed": "numeric",
    "currency": "text",
    "stock_quantity": "numeric",
    "availability": "boolean",
    "minimum_order_quantity": "numeric",
    "pack_size": "numeric",
    "lead_time_days": "numeric",
    "weight_g": "numeric",
    "length_mm": "numeric",
    "width_mm": "numeric",
    "height_mm": "numeric",
    "vat_rate": "numeric",
    "eco_tax": "numeric",
    "image_url": "text",
    "condition": "text",
    "country_of_origin": "text",
    "hs_code": "text",
    "tiers": "jsonb",
    "extra": "jsonb",
}

ISSUE_COLUMNS = {
    "line": "integer",
    "severity": "text",
    "rule": "text",
    "field": "text",
    "supplier_sku": "text",
    "reasons": "jsonb",
    "raw": "jsonb",
}

OFFER_TABLE = "onep_staging_offer"
ISSUE_TABLE = "onep_staging_issue"
# Lines that are quantity steps of a staged row, by its article.
STEP_TABLE = "onep_staging_step"
KNOWN_TABLE = "onep_staging_known"

CELLS_TABLE = "onep_staging_cells"

COLUMNS = {
    OFFER_TABLE: OFFER_COLUMNS,
    ISSUE_TABLE: ISSUE_COLUMNS,
    STEP_TABLE: {"line": "integer", "supplier_sku": "text"},
    CELLS_TABLE: {"line": "integer", "raw": "jsonb"},
}

# From the worst on.
SEVERITIES = ("refuse", "warn", "fix")

# Temporary copy of the staged rows whose offer moved, with that offer.
MOVED_TABLE = "onep_staging_moved"

# Advisory lock that lets one import write at a time.
PUBLISH_LOCK = (0x0E02, 0)


def create(table: str, columns: dict[str, str]) -> SQL:
    """Statement that makes an empty staging table in this session."""
    return SQL(
        "DROP TABLE IF EXISTS %(table)s; CREATE TEMPORARY TABLE %(table)s (%(columns)s)",
        table=SQL.identifier("pg_temp", table),
        columns=SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns.items()
        ),
    )


def copy(table: str, columns: dict[str, str]) -> SQL:
    """COPY statement for CSV text without a header, an empty unquoted cell being NULL."""
    return SQL(
        "COPY %s (%s) FROM STDIN WITH (FORMAT csv, NULL '')",
        SQL.identifier("pg_temp", table),
        SQL(", ").join(SQL.identifier(name) for name in columns),
    )


def lock_publication() -> SQL:
    """Wait until no other session publishes an import, and keep others waiting.

    Files are read side by side; two that list the same new article cannot both create it. The
    lock outlives a commit: a transaction only sees what was there when it began, so it must
    begin when the lock is held.
    """
    return SQL("SELECT pg_advisory_lock(%s, %s)", *PUBLISH_LOCK)


def try_lock_publication() -> SQL:
    """Take the lock of :func:`lock_publication` when nobody holds it; whether it was taken."""
    return SQL("SELECT pg_try_advisory_lock(%s, %s)", *PUBLISH_LOCK)


def unlock_publication() -> SQL:
    """Give back the lock of publication, when this session holds it."""
    return SQL(
        """
        SELECT pg_advisory_unlock(%(space)s, %(key)s)
          FROM pg_locks
         WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
           AND classid = %(space)s AND objid = %(key)s
        """,
        space=PUBLISH_LOCK[0],
        key=PUBLISH_LOCK[1],
    )


def close_issues(feed_id: int, import_id: int) -> SQL:
    """Earlier rows in quarantine of the feed are settled, those of this import's former run gone.

    Leans on the indexes of onep_import_issue by feed and by import.
    """
    return SQL(
        """
        DELETE FROM onep_import_issue WHERE import_id = %(import_id)s;
        UPDATE onep_import_issue
           SET state = 'resolved', write_date = now() at time zone 'UTC'
         WHERE feed_id = %(feed_id)s AND state = 'open'
        """,
        feed_id=feed_id,
        import_id=import_id,
    )


def analyse() -> SQL:
    """Statistics on the staged rows, so that the joins go the right way round."""
    return SQL(
        "ANALYZE %s (supplier_sku, gtin, currency); ANALYZE %s (supplier_sku, severity)",
        SQL.identifier("pg_temp", OFFER_TABLE),
        SQL.identifier("pg_temp", ISSUE_TABLE),
    )


def add_fresh_issues() -> SQL:
    """End of a statement WITH fresh (line, severity, rule, field, supplier_sku, reasons): → issues.

    A line has one issue: a reason found later joins those it has, the worst of them first. As many
    rows are inserted as `fresh` has. Issues without an earlier one have no cells yet.
    """
    return SQL(
        """
        , known AS (
            DELETE FROM %(issues)s AS issue USING fresh WHERE issue.line = fresh.line
         RETURNING issue.*
        ),
        judged AS (
            SELECT fresh.*, known.supplier_sku AS known_sku, known.reasons AS known_reasons,
                   known.raw, known.severity AS known_severity, known.rule AS known_rule,
                   known.field AS known_field,
                   coalesce(array_position(%(severities)s, fresh.severity)
                            < array_position(%(severities)s, known.severity), TRUE) AS is_worst
              FROM fresh LEFT JOIN known ON known.line = fresh.line
        )
        INSERT INTO %(issues)s (line, severity, rule, field, supplier_sku, reasons, raw)
        SELECT line,
               CASE WHEN is_worst THEN severity ELSE known_severity END,
               CASE WHEN is_worst THEN rule ELSE known_rule END,
               CASE WHEN is_worst THEN field ELSE known_field END,
               coalesce(known_sku, supplier_sku),
               CASE WHEN is_worst THEN reasons || coalesce(known_reasons, '[]')
                    ELSE known_reasons || reasons END,
               raw
          FROM judged
        """,
        issues=SQL.identifier("pg_temp", ISSUE_TABLE),
        severities=list(SEVERITIES),
    )


def quarantine_unknown_currencies(active_codes: list[str]) -> SQL:
    """Move the rows priced in a currency that is not active in Odoo to the staged issues."""
    return SQL(
        """
        WITH removed AS (
            DELETE FROM %(offers)s AS staged
             WHERE currency IS NOT NULL AND NOT currency = ANY(%(codes)s)
         RETURNING line, currency, supplier_sku
        ),
        fresh AS (
            SELECT line, 'refuse' AS severity, 'currency-inactive' AS rule, 'currency' AS field,
                   supplier_sku,
                   jsonb_build_array(jsonb_build_object(
                       'rule', 'currency-inactive', 'severity', 'refuse', 'field', 'currency',
                       'raw', currency,
                       'params', jsonb_build_object('currency', currency))) AS reasons
              FROM removed
        )
        %(add)s
        """,
        add=add_fresh_issues(),
        offers=SQL.identifier("pg_temp", OFFER_TABLE),
        codes=active_codes,
    )


def count() -> SQL:
    """(accepted rows, quarantined rows) staged; a row with several issues counts once."""
    return SQL(
        "SELECT (SELECT count(*) FROM %s), (SELECT count(*) FROM %s WHERE severity = 'refuse')",
        SQL.identifier("pg_temp", OFFER_TABLE),
        SQL.identifier("pg_temp", ISSUE_TABLE),
    )


def select_bare_lines() -> SQL:
    """Lines of the staged issues that the database found: their cells are not staged."""
    return SQL(
        "SELECT DISTINCT line FROM %s WHERE raw IS NULL", SQL.identifier("pg_temp", ISSUE_TABLE)
    )


def restore_cells() -> SQL:
    """Original cells → the staged issues that lack them."""
    return SQL(
        "UPDATE %s AS issue SET raw = cells.raw FROM %s AS cells "
        "WHERE issue.raw IS NULL AND cells.line = issue.line",
        SQL.identifier("pg_temp", ISSUE_TABLE),
        SQL.identifier("pg_temp", CELLS_TABLE),
    )


def select_refused() -> SQL:
    """(line, rule, field, reasons) of the staged rows that are refused."""
    return SQL(
        "SELECT line, rule, field, reasons FROM %s WHERE severity = 'refuse'",
        SQL.identifier("pg_temp", ISSUE_TABLE),
    )


def count_matched(lines: list[int]) -> SQL:
    """(new offers, changed ones, ids of those that did not move) of the staged rows of lines.

    Offers that come back count as new. To be asked before the offers are written.
    """
    return SQL(
        """
        SELECT count(*) FILTER (WHERE known.was_present IS NOT TRUE),
               count(*) FILTER (WHERE known.was_present AND known.is_moved),
               coalesce(array_agg(known.offer_id ORDER BY known.offer_id)
                        FILTER (WHERE NOT known.is_moved), '{}')
          FROM %s AS staged
          LEFT JOIN %s AS known ON known.supplier_sku = staged.supplier_sku
         WHERE staged.line = ANY(%s::integer[])
        """,
        SQL.identifier("pg_temp", OFFER_TABLE),
        SQL.identifier("pg_temp", KNOWN_TABLE),
        lines,
    )


def select_issue_lines(import_id: int, skus: list[str], lines: list[int]) -> SQL:
    """(SKU, line, rule, severity) of the rows of an import that had an issue, by their articles.

    Those that give one of these articles, or the article of one of these lines. The article is the
    last part of the row key. Leans on onep_import_issue (import_id).
    """
    return SQL(
        """
        WITH told AS MATERIALIZED (
            SELECT line, rule, severity,
                   regexp_replace(row_key, '^[^:]*:[^:]*:', '') AS sku
              FROM onep_import_issue WHERE import_id = %(import_id)s
        )
        SELECT sku, line, rule, severity FROM told
         WHERE sku = ANY(%(skus)s::text[])
            OR sku IN (SELECT sku FROM told WHERE line = ANY(%(lines)s))
        """,
        import_id=import_id,
        skus=skus,
        lines=lines,
    )


def insert_issues(import_id: int, feed_id: int, company_id: int, user_id: int) -> SQL:
    """Staged issues → onep_import_issue; a row that was ignored for good stays ignored.

    A row is the same when the same rule refuses the same article of the feed, or, without an
    article, the same text. Leans on onep_import_issue (row_key).
    """
    return SQL(
        """
        INSERT INTO onep_import_issue (
            import_id, feed_id, company_id, line, severity, rule, field, reasons, raw, row_key,
            state, create_uid, create_date, write_uid, write_date)
        SELECT %(import_id)s, %(feed_id)s, %(company_id)s, line, severity, rule, field, reasons,
               raw, row_key,
               CASE WHEN EXISTS (
                   SELECT 1 FROM onep_import_issue AS known
                    WHERE known.row_key = fresh.row_key AND known.feed_id = %(feed_id)s
                      AND known.state = 'ignored')
                    THEN 'ignored' ELSE 'open' END,
               %(user_id)s, now() at time zone 'UTC', %(user_id)s, now() at time zone 'UTC'
          FROM (
              SELECT *, concat_ws(':', %(feed_id)s, rule,
                                  coalesce(supplier_sku, md5(raw::text))) AS row_key
                FROM %(issues)s
          ) AS fresh
         ORDER BY line
        """,
        import_id=import_id,
        feed_id=feed_id,
        company_id=company_id,
        user_id=user_id,
        issues=SQL.identifier("pg_temp", ISSUE_TABLE),
    )


def drop() -> SQL:
    """Statement that ends the staging tables."""
    return SQL(
        "DROP TABLE IF EXISTS %s",
        SQL(", ").join(
            SQL.identifier("pg_temp", table) for table in (*COLUMNS, KNOWN_TABLE, MOVED_TABLE)
        ),
    )
