"""Leave nothing behind."""


def uninstall_hook(env):
    """Drop the jobs of models that are gone, and give the two addons below their apps back."""
    env["queue.job"].sudo().search(
        [
            "|",
            ("model_name", "in", ["onep.import", "onep.evaluation", "onep.supplier.feed"]),
            ("method_name", "=", "_job_price_waiting"),
        ]
    ).unlink()
    for name in (
        "onep_marketplace_connectors.onep_marketplace_menu_root",
        "onep_margin.onep_margin_menu_root",
    ):
        menu = env.ref(name, raise_if_not_found=False)
        if menu:
            menu.active = True
