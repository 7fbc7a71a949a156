"""Every check of ./onep lint finds the fault it is for, and is silent on sound files."""

import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from launcher import lint
from launcher.lint import manifests, python_code, requirements, shell_docker, traces, translations
from launcher.lint.project import LeftOut, Project

ADDON = "onep_margin"
FILES = {
    "__init__.py": "from . import models\n",
    "__manifest__.py": """\
        {
            "name": "Proof",
            "summary": "Proof",
            "version": "19.0.1.0.0",
            "category": "Proof",
            "author": "1UP Sourcing",
            "license": "AGPL-3",
            "depends": ["base"],
            "external_dependencies": {"python": ["numpy"]},
            "data": [
                "security/proof_groups.xml",
                "security/ir.model.access.csv",
                "views/proof_views.xml",
                "views/proof_menus.xml",
            ],
        }
        """,
    "models/__init__.py": "from . import proof\n",
    "models/proof.py": """\
        import numpy as np

        from odoo import fields, models


        class Proof(models.Model):
            _name = "onep.proof"
            _description = "Proof"

            value = fields.Float(default=np.pi)
        """,
    "security/proof_groups.xml": """\
        <odoo>
            <record id="group_proof_user" model="res.groups">
                <field name="name">User</field>
            </record>
        </odoo>
        """,
    "security/ir.model.access.csv": """\
        id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
        access_onep_proof_user,onep.proof.user,model_onep_proof,group_proof_user,1,1,1,0
        """,
    "views/proof_views.xml": """\
        <odoo>
            <record id="onep_proof_view_list" model="ir.ui.view">
                <field name="model">onep.proof</field>
                <field name="arch" type="xml">
                    <list><field name="value"/></list>
                </field>
            </record>
            <record id="onep_proof_action" model="ir.actions.act_window">
                <field name="res_model">onep.proof</field>
                <field name="view_mode">list,form</field>
            </record>
        </odoo>
        """,
    "views/proof_menus.xml": '<odoo>\n    <menuitem id="onep_proof_menu"/>\n</odoo>\n',
    "i18n/fr.po": """\
        msgid ""
        msgstr ""
        "Content-Type: text/plain; charset=UTF-8\\n"
        "Language: fr\\n"

        #. module: onep_margin
        #. odoo-python
        #: code:addons/onep_margin/models/proof.py:0
        msgid "%(count)s deals, %s left"
        msgstr "%(count)s affaires, %s restantes"
        """,
}


@pytest.fixture
def project(tmp_path):
    """A project of one sound addon."""
    for name, text in FILES.items():
        path = tmp_path / ADDON / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
    (tmp_path / "requirements.txt").write_text(
        "".join(f"# === {group}: proof\n" for group in requirements.GROUPS)
        + "lxml==5.4.0\n# === product: proof\nnumpy==2.4.6\n",
        "utf-8",
    )
    return Project(tmp_path, sys.executable)


def change(project, name, old, new):
    """Replace a text in a file of the addon; an empty old text writes the whole file."""
    path = project.root / ADDON / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text("utf-8") if old else ""
    assert old in text
    path.write_text(text.replace(old, new) if old else new, "utf-8")


SILENT = ("manifests", "xml", "csv", "access", "po", "traces")


@pytest.mark.parametrize("check", SILENT)
def test_sound_addon(project, check):
    assert [str(problem) for problem in lint.CHECKS[check](project)] == []


VIEWS, MANIFEST, PO = "views/proof_views.xml", "__manifest__.py", "i18n/fr.po"
ACCESS = "security/ir.model.access.csv"
FAULTS = [
    ("manifests", MANIFEST, '"19.0.1.0.0"', '"18.0.1.0.0"', f"{MANIFEST}:4: version"),
    ("manifests", MANIFEST, '"AGPL-3"', '"LGPL-3"', f"{MANIFEST}:7: licence"),
    ("manifests", MANIFEST, '"author": "1UP Sourcing",', "", '"author" is missing'),
    ("manifests", MANIFEST, "proof_menus", "proof_menu", "views/proof_menu.xml does not exist"),
    ("manifests", MANIFEST, '["numpy"]', "[]", "models/proof.py:1: numpy is missing from the"),
    ("manifests", MANIFEST, '["numpy"]', '["numpy", "nosuch"]', "nosuch is not pinned"),
    ("manifests", "models/proof.py", "import numpy", "import pytest", "pytest is not pinned"),
    (
        "manifests",
        MANIFEST,
        '"security/ir.model.access.csv",\n        "views/proof_views.xml",',
        '"views/proof_views.xml",\n        "security/ir.model.access.csv",',
        "ir.model.access.csv comes after views/proof_views.xml",
    ),
    ("manifests", MANIFEST, '"name": "Proof",', '"name": "Proof"', "cannot be read"),
    ("xml", VIEWS, "</list>", "", f"{VIEWS}:6: not well-formed"),
    ("xml", VIEWS, "<list>", "<list><tree/>", f"{VIEWS}:5: <tree> is gone"),
    ("xml", VIEWS, '"value"', '"value" attrs="{}"', "attrs= is gone"),
    ("xml", VIEWS, '"value"', '"value" states="draft"', "states= is gone"),
    ("xml", VIEWS, "list,form", "tree,form", "view_mode takes list"),
    ("xml", VIEWS, "onep_proof_view_list", "view_proof_list", "read onep_proof_view_form"),
    ("xml", VIEWS, "onep_proof_action", "open_proof", "read onep_supplier_feed_action"),
    ("xml", VIEWS, "onep_proof_action", "onep_proof_view_list", "is defined at"),
    ("xml", "views/proof_menus.xml", "onep_proof_menu", "onep_proof", "ids of menus"),
    ("xml", "views/more_views.xml", "", "<odoo/>", "more_views.xml: is loaded by no one"),
    ("xml", "demo/x.xml", "", '<odoo><record id="a" model="b"/></odoo>', "end in _demo"),
    ("csv", ACCESS, ",1,1,1,0", ",1,1,1", f"{ACCESS}:2: 7 columns, the header has 8"),
    ("csv", "data/fees.csv", "", "a;b\n1;2\n1;2\n", "fees.csv:3: repeats line 2"),
    ("csv", "data/fees.csv", "", "a,a\n1,2\n", "fees.csv:1: has an empty or repeated column"),
    ("access", ACCESS, "perm_unlink", "perm_delete", f"{ACCESS}:1: unexpected header"),
    ("access", ACCESS, "group_proof_user", "", "is open to everybody"),
    ("access", ACCESS, "model_onep_proof", "model_other", "nobody may use onep.proof"),
    ("po", PO, "%(count)s affaires", "affaires", "lost ['%(count)s']"),
    ("po", PO, "%s restantes", "restantes", "lost ['%s']"),
    ("po", PO, '"%(count)s affaires, %s restantes"', '""', "not translated"),
    ("po", PO, "#. odoo-python", "#, fuzzy", "fuzzy"),
    ("po", PO, "Language: fr", "Language: de", 'header says "Language: de"'),
    ("po", "i18n/fr.po", "", 'msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', "already"),
    (
        "traces",
        "models/proof.py",
        '"Proof"',
        '"/wor' + 'k/main"',
        "proof.py:8: path of one machine",
    ),
    ("traces", "models/proof.py", '"Proof"', '"https://' + traces.HOSTS[0] + '"', "registry host"),
    ("traces", "models/proof.py", '"Proof"', '""\n<<<<<<' + "< HEAD", "merge conflict"),
    ("traces", "key.pem", "", "-----BEGIN RSA PRIVATE " + "KEY-----\n", "private key"),
]


@pytest.mark.parametrize(("check", "name", "old", "new", "said"), FAULTS)
def test_fault_is_found(project, check, name, old, new, said):
    change(project, name, old, new)
    found = [str(problem) for problem in lint.CHECKS[check](project)]
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    ("check", "old", "new", "said"),
    [
        ("ruff", "import numpy as np", "import numpy as np, sys", "proof.py:1: "),
        ("format", "default=np.pi", "default = np.pi", "proof.py:10: not formatted. Run ./onep"),
        (
            "pylint",
            "np.pi)",
            "np.pi)\n\n    def go(self):\n        self.env.cr.commit()",
            "invalid-c",
        ),
    ],
)
def test_tool_is_heard(project, check, old, new, said):
    for name in ("pyproject.toml", ".pylintrc"):
        shutil.copy(Path(__file__).parents[2] / name, project.root)
    assert [str(problem) for problem in lint.CHECKS[check](project)] == []
    change(project, "models/proof.py", old, new)
    found = [str(problem) for problem in lint.CHECKS[check](project)]
    assert any(said in problem for problem in found), found


def test_silent_failure_of_a_tool_is_a_problem(project):
    (project.root / "pyproject.toml").write_text("[tool.ruff]\nnosuch = 1\n", "utf-8")
    assert list(python_code.check_ruff(project))
    assert list(python_code.check_format(project))


def test_shell(project):
    (project.root / "run.sh").write_text("#!/bin/bash\necho $1\n", "utf-8")
    if not project.program("shellcheck"):
        pytest.skip("shellcheck is not installed")
    assert "run.sh:2: " in str(next(shell_docker.check_shell(project)))


def test_missing_translation_is_found(project):
    (project.root / ADDON / PO).unlink()
    assert [str(problem) for problem in translations.check_po(project)] == [
        f"{ADDON}/{PO}: is missing"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("numpy>=2\n", "not a pin"),
        ("# === odoo: all\nnumpy==0.1\n", "numpy 2"),
        ("# === odoo: all\nnosuch==1\n", "nosuch is not installed"),
        ("# === odoo: all\nnumpy==2.4.6\n", 'no "# === product:" group'),
    ],
)
def test_requirements(project, text, said):
    (project.root / "requirements.txt").write_text(text, "utf-8")
    found = [str(problem) for problem in requirements.check_requirements(project)]
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    ("licence", "agrees"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GPL-2.0-or-later", True),
        ("GPL-2.0-only", False),
        ("SSPL-1.0", False),
        ("Proprietary, not MIT", False),
        ("Ask us", False),
    ],
)
def test_licence_list(licence, agrees):
    allowed = bool(requirements.ALLOWED_LICENCES.search(licence))
    assert (allowed and not requirements.REFUSED_LICENCES.search(licence)) == agrees


def test_absent_addons_are_left_out(tmp_path):
    empty = Project(tmp_path, sys.executable)
    (tmp_path / "requirements.txt").write_text("", "utf-8")
    with pytest.raises(LeftOut):
        list(manifests.check_manifests(empty))
    for name in ("xml", "csv", "access", "po", "traces"):
        assert list(lint.CHECKS[name](empty)) == []


def test_unknown_check_is_refused(tmp_path, capsys):
    assert lint.main(tmp_path, sys.executable, ["nosuch"]) == 2
    assert "nosuch" in capsys.readouterr().out


def test_report_and_exit_code(project, capsys):
    assert lint.main(project.root, sys.executable, ["xml", "csv"]) == 0
    assert "2 checks passed" in capsys.readouterr().out
    change(project, VIEWS, "list,form", "tree,form")
    assert lint.main(project.root, sys.executable, ["xml", "csv"]) == 1
    said = capsys.readouterr().out
    assert "1 checks passed; 1 failed: xml" in said
    assert f"{ADDON}/{VIEWS}:8: onep_proof_action: view_mode takes list, not tree" in said


def test_what_a_tag_says_to_the_machine_is_not_translated():
    told = translations.placeholders('<b invisible="state != 1">Paid</b>', code=False)
    assert told != translations.placeholders('<b invisible="state\u00a0!= 1">Payé</b>', code=False)
    assert told == translations.placeholders('<b invisible="state != 1">Payé</b>', code=False)
