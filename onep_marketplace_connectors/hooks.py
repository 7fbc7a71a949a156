"""Leave nothing behind."""


def uninstall_hook(env):
    """Drop the jobs and parameters that would point at models that are gone."""
    env["queue.job"].sudo().search(
        [
            (
                "model_name",
                "in",
                ["onep.marketplace", "onep.market.sync", "onep.marketplace.reading"],
            )
        ]
    ).unlink()
    env["ir.config_parameter"].sudo().search(
        [("key", "=like", "onep_marketplace_connectors.%")]
    ).unlink()
