# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Python: style, layout and Odoo practice, by the tools that know them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from .project import LeftOut, Problem, Project, read_output


def check_ruff(project: Project) -> Iterator[Problem]:
    """Python style and likely errors (pyproject.toml)"""
    yield from read_output(
        project, project.module("ruff", "check", "--output-format=concise", "--quiet", ".")
    )


def check_format(project: Project) -> Iterator[Problem]:
    """Python layout, as ruff format writes it"""
    done = project.module("ruff", "format", "--check", "--output-format=concise", "--quiet", ".")
    for path, found in groupby(read_output(project, done), key=lambda problem: problem.path):
        line = min(problem.line for problem in found)
        yield Problem(path, line, "not formatted", "Run ./onep lint --fix")


def check_pylint(project: Project) -> Iterator[Problem]:
    """Odoo practice, by pylint-odoo (.pylintrc)"""
    if not project.addons:
        raise LeftOut("no addon is there yet")
    names = [addon.name for addon in project.addons]
    yield from read_output(project, project.module("pylint", "--rcfile=.pylintrc", *names))
