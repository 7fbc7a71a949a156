# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Shell scripts, the Dockerfile and the compose file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

from .project import LeftOut, Problem, Project, read_output


def check_shell(project: Project) -> Iterator[Problem]:
    """Shell scripts, by shellcheck"""
    program = project.program("shellcheck")
    scripts = []
    for path in project.files:
        with path.open("rb") as file:
            first = file.readline(80)
        if path.suffix == ".sh" or re.match(rb"#!.*\b(ba|da)?sh\b", first):
            scripts.append(project.name(path))
    if not scripts:
        raise LeftOut("no shell script is there yet")
    if not program:
        raise LeftOut("shellcheck is not installed")
    yield from read_output(
        project, project.run(program, "--format=gcc", "--external-sources", *scripts)
    )


def check_docker(project: Project) -> Iterator[Problem]:
    """Dockerfile by hadolint, compose file by docker compose config"""
    folder = project.root / "docker"
    if not (folder / "Dockerfile").is_file():
        raise LeftOut("no docker folder is there yet")
    missing = []
    if hadolint := project.program("hadolint"):
        done = project.run(hadolint, "--no-color", "docker/Dockerfile")
        yield from read_output(project, done)
    else:
        missing.append("hadolint")
    docker = shutil.which("docker")
    if docker and project.run(docker, "compose", "version").returncode == 0:
        command = [docker, "compose", "-f", "docker/compose.yaml"]
        command += ["--env-file", "docker/.env.example", "config", "--quiet"]
        done = project.run(*command)
        for line in done.stderr.strip().splitlines():
            yield Problem("docker/compose.yaml", 0, line)
    else:
        missing.append("docker compose")
    if len(missing) == 2:
        raise LeftOut(f"{' and '.join(missing)} are not installed")
    for name in missing:
        print(f"          {name} is not installed: that half was left out")
