"""Which deals a rule may price, in the words of fee data: nothing here knows of offers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceScope:
    """Deals that a rule may price; None stands for any.

    platform, country_id: of the marketplace they are sold on
    company_id: the only company concerned
    except_company_ids: companies that have a rule of their own instead
    category_ids: fee categories of the article
    category_names: normalised names, one of which the text of the article's category may mean
    fulfilment: "marketplace" or "merchant", when it is one of the ways compared
    carrier_code: marketplaces bound to another carrier are not concerned
    supplier_ids: the companies that goods are bought from
    marketplace_ids: the marketplaces, when an addon that knows them says so
    """

    platform: str | None = None
    country_id: int | None = None
    company_id: int | None = None
    except_company_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] | None = None
    category_names: tuple[str, ...] | None = None
    fulfilment: str | None = None
    carrier_code: str | None = None
    supplier_ids: tuple[int, ...] | None = None
    marketplace_ids: tuple[int, ...] | None = None
