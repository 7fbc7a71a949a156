# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo of a new database: our addons' demo files, then the story from feed to RFQ.

    python -m launcher.demo_story -c CONF -d DB --addons a,b [--market-url URL]

Odoo loads an addon's demo files only where all it depends on has its own; here they are
loaded alone, on a company without Odoo's sample records.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import sys
from collections.abc import Sequence
from typing import Any
from urllib.request import urlopen

from .odoo_env import configure, environment, parser
from .warm_assets import warm

MARKET_PARAMETER = "onep_marketplace_connectors.demo_market_url"
STORY = "odoo.addons.onep_sourcing.demo.story"

_logger = logging.getLogger("onep.launcher")


def load_demo_files(env: Any, addons: Sequence[str]) -> None:
    """Load the demo files of these addons, in dependency order, once each.

    Raises SystemExit naming the addon whose demo cannot be loaded.
    """
    from odoo.modules.loading import load_demo
    from odoo.modules.module_graph import ModuleGraph

    graph = ModuleGraph(env.cr, mode="load")
    graph.extend(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
    for package in graph:
        if package.name in addons and not package.demo:
            if not load_demo(env, package, {}, "init"):
                sys.exit(f"the demo files of {package.name} could not be loaded (see above)")
            env.cr.execute(
                "UPDATE ir_module_module SET demo = true WHERE name = %s", (package.name,)
            )
    env["ir.module.module"].invalidate_model(["demo"])


def follow_quotas(env: Any, market_url: str) -> None:
    """Give the demo accounts the quotas of the demo market, which are the real ones times a scale.

    Only Amazon announces its rates; without this the others would be asked at the real pace.
    """
    with urlopen(f"{market_url}/_quotas", timeout=10) as answer:
        scale = float(json.load(answer)["scale"]) or 1.0
    accounts = env["onep.marketplace"].search([("environment", "=", "demo")])
    for quota in accounts.quota_ids:
        quota.write(
            {
                "rate": quota.default_rate * scale,
                "burst": max(quota.default_burst * scale, 1.0),
            }
        )


def find_story() -> Any:
    """Return the story's ``play(env)``, None when the addon has none."""
    try:
        if importlib.util.find_spec(STORY) is None:
            return None
    except ModuleNotFoundError:
        return None
    return importlib.import_module(STORY).play


def main(arguments: Sequence[str]) -> int:
    """Load the demo files, play the story, compile the assets; each is committed."""
    options = parser(__doc__)
    options.add_argument("--addons", required=True)
    options.add_argument("--market-url", default="")
    args = options.parse_args(arguments)
    configure(args.config, args.database)
    with environment(args.database) as env:
        if args.market_url:
            env["ir.config_parameter"].set_param(MARKET_PARAMETER, args.market_url)
        load_demo_files(env, args.addons.split(","))
        if args.market_url and "onep.marketplace.quota" in env:
            follow_quotas(env, args.market_url)
        env.cr.commit()
        play = find_story()
        if play:
            told = play(env)
            env.cr.commit()
            if told:
                _logger.info("story: %s", told)
        warm(env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
