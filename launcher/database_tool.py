# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Operations on whole databases, run by the environment's Python (psycopg2).

    python -m launcher.database_tool ping | info NAME | list | copy FROM TO | drop NAME …

Connects as libpq does, from the PG variables, to the database ``postgres``. Answers one
JSON object. What this project makes carries a database comment ``onep:{…}``; nothing
without one is ever renamed, replaced or dropped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import psycopg2
from psycopg2 import sql

MARK = "onep:"


def connect(database: str = "postgres") -> Any:
    """Return an autocommit connection."""
    connection = psycopg2.connect(dbname=database, connect_timeout=10)
    connection.autocommit = True
    return connection


def query(cursor: Any, text: str, *values: object) -> list[tuple]:
    """Return the rows of a query."""
    cursor.execute(text, values)
    return cursor.fetchall()


def ping(cursor: Any) -> dict[str, Any]:
    """Return the role, whether it may create databases, and the server's version number."""
    rows = query(
        cursor,
        "SELECT rolname, rolcreatedb OR rolsuper, current_setting('server_version_num')::int"
        " FROM pg_roles WHERE rolname = current_user",
    )
    role, createdb, version = rows[0]
    return {"role": role, "createdb": createdb, "version": version}


def info(cursor: Any, name: str) -> dict[str, Any]:
    """Return whether a database exists, and the mark this project left on it, if any."""
    rows = query(
        cursor,
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
        name,
    )
    if not rows:
        return {"exists": False, "mark": None}
    comment = rows[0][0] or ""
    mark = json.loads(comment[len(MARK) :]) if comment.startswith(MARK) else None
    return {"exists": True, "mark": mark}


def marked(cursor: Any) -> dict[str, Any]:
    """Return the marks of all databases that this project made, by database name."""
    rows = query(
        cursor,
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE shobj_description(oid, 'pg_database') LIKE 'onep:%%'",
    )
    return {name: json.loads(comment[len(MARK) :]) for name, comment in rows}


def comment(cursor: Any, name: str, text: str) -> dict[str, Any]:
    """Leave this project's mark (a JSON object as text) on a database."""
    json.loads(text)
    cursor.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(name), sql.Literal(MARK + text)
        )
    )
    return {}


def create(cursor: Any, name: str, text: str) -> dict[str, Any]:
    """Create an empty database as Odoo does, with this project's mark on it."""
    cursor.execute(
        sql.SQL("CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0").format(
            sql.Identifier(name)
        )
    )
    with connect(name).cursor() as inside:
        inside.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        inside.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    return comment(cursor, name, text)


def copy(cursor: Any, source: str, target: str, text: str) -> dict[str, Any]:
    """Create a database as the copy of one nobody is connected to, and mark it."""
    cursor.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(target), sql.Identifier(source)
        )
    )
    return comment(cursor, target, text)


def rename(cursor: Any, source: str, target: str) -> dict[str, Any]:
    """Rename a database of this project."""
    require_mark(cursor, source)
    cursor.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(source), sql.Identifier(target)
        )
    )
    return {}


def drop(cursor: Any, name: str) -> dict[str, Any]:
    """Drop a database of this project, ending its connections; fine when there is none.

    Of a scratch database, those that its tests derived from it (NAME_…) go too.
    """
    facts = info(cursor, name)
    if not facts["exists"]:
        return {"dropped": []}
    require_mark(cursor, name)
    names = [name]
    if facts["mark"].get("kind") == "scratch":
        rows = query(
            cursor, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{name}_"
        )
        names += [row[0] for row in rows]
    for one in names:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(one)))
    return {"dropped": names}


def require_mark(cursor: Any, name: str) -> None:
    """Raise SystemExit unless a database was made by this project."""
    if info(cursor, name)["mark"] is None:
        raise SystemExit(f"database {name} was not made by this project and is left alone")


def modules(name: str) -> dict[str, Any]:
    """Return the installed addons of an Odoo database, empty when it is none."""
    connection = connect(name)
    with connection.cursor() as cursor:
        if not query(cursor, "SELECT to_regclass('ir_module_module') IS NOT NULL")[0][0]:
            return {"installed": []}
        rows = query(cursor, "SELECT name FROM ir_module_module WHERE state = 'installed'")
    return {"installed": sorted(row[0] for row in rows)}


def parameter(name: str, key: str, value: str) -> dict[str, Any]:
    """Set a system parameter of an Odoo database that no server has open."""
    connection = connect(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date,"
            " write_date) VALUES (%s, %s, 1, 1, now() at time zone 'UTC',"
            " now() at time zone 'UTC') ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            " WHERE ir_config_parameter.value IS DISTINCT FROM excluded.value",
            (key, value),
        )
        return {"changed": cursor.rowcount > 0}


def main(words: Sequence[str]) -> int:
    """Carry out one command; prints its answer as JSON, errors on stderr."""
    name, *rest = words
    if name == "modules":
        answer = modules(*rest)
    elif name == "parameter":
        answer = parameter(*rest)
    else:
        commands = {
            "ping": ping,
            "info": info,
            "list": marked,
            "mark": comment,
            "create": create,
            "copy": copy,
            "rename": rename,
            "drop": drop,
        }
        with connect().cursor() as cursor:
            answer = commands[name](cursor, *rest)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except psycopg2.Error as error:
        sys.exit(str(error).strip().replace("\n", " "))
