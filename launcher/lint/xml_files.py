# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""XML of the addons: well-formed, loaded, and nothing that Odoo 19 dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .project import Problem, Project


def localname(element) -> str:
    """Tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def arch_problems(record) -> Iterator[tuple[int, str, str]]:
    """Line, finding and advice for what Odoo 19 no longer takes in a view."""
    for element in record.iter():
        if not isinstance(element.tag, str):
            continue
        tag = localname(element)
        if tag == "tree":
            yield element.sourceline, "<tree> is gone", "Write <list>"
        if "attrs" in element.attrib:
            yield element.sourceline, "attrs= is gone", "Write invisible= or readonly= inline"
        if "states" in element.attrib:
            yield element.sourceline, "states= is gone", "Write invisible=\"state != 'draft'\""
        if element.get("t-name") == "kanban-box":
            yield element.sourceline, "kanban-box is gone", 'Write <t t-name="card">'
        if "t-raw" in element.attrib:
            yield element.sourceline, "t-raw is gone", "Write t-out"
        if tag == "div" and "oe_chatter" in element.get("class", ""):
            yield element.sourceline, "oe_chatter is gone", "Write <chatter/>"
        in_search = any(localname(parent) == "search" for parent in element.iterancestors())
        if tag == "group" and "expand" in element.attrib and in_search:
            yield element.sourceline, "a search <group> takes no expand=", "Remove it"


def naming_problems(record, demo: bool) -> Iterator[str]:
    """What is wrong with an XML id, by the house style."""
    identifier = record.get("id") or ""
    tag, model = localname(record), record.get("model")
    if not identifier or "." in identifier:
        return  # an external id is a record of another addon
    if demo and not identifier.endswith("_demo"):
        yield "ids of demo records end in _demo"
    if tag == "menuitem" and "_menu" not in identifier:
        yield "ids of menus read onep_supplier_feed_menu"
    if tag != "record":
        return
    values = {child.get("name"): child for child in record if localname(child) == "field"}
    if model == "ir.ui.view":
        about = values.get("model")
        stem = (about.text or "").strip().replace(".", "_") if about is not None else ""
        if stem and not re.match(rf"(onep_)?{re.escape(stem)}_(\w+_)?view", identifier):
            yield f"ids of views of this model read {stem}_view_form"
    elif model == "ir.actions.act_window":
        if "_action" not in identifier:
            yield "ids of actions read onep_supplier_feed_action"
        modes = values.get("view_mode")
        if modes is not None and "tree" in (modes.text or "").split(","):
            yield "view_mode takes list, not tree"
    elif model == "ir.rule" and "_rule_" not in identifier:
        yield "ids of record rules read onep_supplier_feed_rule_company"
    elif model == "res.groups":
        if not identifier.startswith("group_"):
            yield "ids of groups read group_sourcing_user"
        for gone, now in (("category_id", "privilege_id"), ("users", "user_ids")):
            if gone in values:
                yield f"res.groups has no {gone} any more: use {now}"


def check_xml(project: Project) -> Iterator[Problem]:
    """XML: well-formed, loaded by its manifest, nothing Odoo 19 dropped, ids in house style"""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in project.files:
        if path.suffix not in (".xml", ".svg"):
            continue
        place = project.name(path)
        addon = next((a for a in project.addons if path.is_relative_to(a.folder)), None)
        inside = path.relative_to(addon.folder).as_posix() if addon else ""
        if re.search(r"(^|/)tests/data/", place):
            continue  # recorded answers and damaged files, as they came
        try:
            root = etree.parse(str(path), parser).getroot()
        except etree.XMLSyntaxError as error:
            line = error.position[0] or 0
            yield Problem(place, line, f"not well-formed: {error.msg}")
            continue
        if not addon or path.suffix == ".svg":
            continue
        top = inside.split("/")[0]
        if top == "static":
            for line, what, advice in arch_problems(root):
                yield Problem(place, line, what, advice)
            continue
        if top in ("tests", "i18n", "migrations"):
            continue
        if not addon.error and inside not in addon.loaded:
            yield Problem(
                place, 0, "is loaded by no one", f"List it in {addon.name}/__manifest__.py"
            )
        if localname(root) != "odoo":
            yield Problem(place, root.sourceline, f"begins with <{localname(root)}>, not <odoo>")
        for line, what, advice in arch_problems(root):
            yield Problem(place, line, what, advice)
        for element in root.iter("record", "menuitem", "template"):
            for what in naming_problems(element, inside.startswith("demo/")):
                yield Problem(place, element.sourceline, f"{element.get('id')}: {what}")
    yield from duplicate_ids(project, parser)


def duplicate_ids(project: Project, parser) -> Iterator[Problem]:
    """Ids given twice in one addon: the second silently rewrites the first."""
    from lxml import etree

    for addon in project.addons:
        seen: dict[str, str] = {}
        for name in addon.loaded:
            path = addon.folder / name
            if path.suffix != ".xml" or not path.is_file():
                continue
            try:
                root = etree.parse(str(path), parser).getroot()
            except etree.XMLSyntaxError:
                continue
            for element in root.iter("record", "menuitem", "template"):
                identifier = element.get("id") or ""
                place = f"{project.name(path)}:{element.sourceline}"
                if not identifier or "." in identifier:
                    continue
                if identifier in seen:
                    yield Problem(
                        project.name(path),
                        element.sourceline,
                        f"{identifier} is defined at {seen[identifier]} already",
                    )
                seen.setdefault(identifier, place)
