# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What ./onep does, one module a concern.

Everything here runs on a bare Python 3.11+ (standard library only), before the project's
virtual environment exists. The exceptions run inside that environment and are started as
processes of their own: ``database_tool`` (psycopg2) and ``odoo_env``, ``demo_story``,
``warm_assets`` (Odoo).

``cli`` reads the command line, ``commands`` carries it out by calling, in this order:
``system`` (Debian packages), ``odoo_source``, ``environment`` (venv), ``postgres``,
``redis``, ``market`` (the simulated marketplaces), ``databases`` and ``odoo_server``.
``settings`` holds folders and ports, ``processes`` what was started, ``console`` what is
said, ``stamps`` what need not be done twice.
"""
