# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Compile the web client's bundles into a database, so that no first page waits for them."""

from __future__ import annotations

import logging
from typing import Any

BUNDLES = (
    "web.assets_web",
    "web.assets_backend_lazy",
    "web.assets_frontend",
    "web.assets_frontend_minimal",
    "web.assets_frontend_lazy",
    "web.assets_tests",
    "web.chartjs_lib",
    "web._assets_bootstrap_frontend",
)
"""The bundles that the screens of the three addons and their tours load."""

_logger = logging.getLogger("onep.launcher")


def warm(env: Any) -> int:
    """Compile BUNDLES for an environment and commit; returns how many links they have."""
    links = 0
    qweb = env["ir.qweb"]
    for name in BUNDLES:
        try:
            with env.cr.savepoint():
                links += len(qweb._get_asset_bundle(name, css=False, js=True).js() or [])
                links += len(qweb._get_asset_bundle(name, css=True, js=False).css() or [])
        except Exception:  # only a head start: the page compiles it itself
            _logger.warning("bundle %s was not compiled ahead", name, exc_info=True)
    env.cr.commit()
    return links
