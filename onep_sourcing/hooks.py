def uninstall_hook(env):
    """Give the two addons below their own apps back."""
    for name in (
        "onep_marketplace_connectors.onep_marketplace_menu_root",
        "onep_margin.onep_margin_menu_root",
    ):
        menu = env.ref(name, raise_if_not_found=False)
        if menu:
            menu.active = True
