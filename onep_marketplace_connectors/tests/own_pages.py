"""Pages of own offers, stock and categories, as a client gives them."""

from odoo.addons.onep_marketplace_connectors.clients.records import CategoryPage, OwnOffers


class PagesClient:
    """A client that answers from pages, and raises those that are errors.

    pages: by kind (own_offers, own_stock, categories), what is answered in turn
    """

    def __init__(self, **pages):
        self.pages = pages
        self.asked = []

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        return None

    def __getattr__(self, kind):
        if kind not in ("own_offers", "own_stock", "categories"):
            raise AttributeError(kind)

        def ask(cursor=None):
            self.asked.append((kind, cursor))
            page = self.pages[kind].pop(0)
            if isinstance(page, Exception):
                raise page
            return page

        return ask


def offers(*rows, following=None):
    """A page of own offers or stock."""
    return OwnOffers.from_rows(rows, next=following)


def categories(*rows, following=None):
    """A page of categories, each (code, name, code of the parent)."""
    return CategoryPage.from_rows(
        [
            {"code": code, "name": name, "parent_code": parent, "is_active": bool(parent)}
            for code, name, parent in rows
        ],
        next=following,
    )
