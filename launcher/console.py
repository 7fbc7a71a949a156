# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the entry script says: each step, how long it took, what to do when it fails."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOG_TAIL_LINES = 15


class StepFailed(Exception):
    """A step cannot be done.

    message: what went wrong, one sentence
    advice: what the person can do about it
    log: file with the details, when there is one
    """

    def __init__(self, message: str, advice: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.log = log


class Step:
    """The step under way; ``note`` sets the words printed at its end."""

    def __init__(self) -> None:
        self.detail = ""

    def note(self, detail: str) -> None:
        """Say how the step ended, for example which server was found."""
        self.detail = detail


class Console:
    """Prints steps and events on one stream."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.stream = stream if stream is not None else sys.stdout
        self._open_line = False
        self._colour = self.stream.isatty()

    def say(self, text: str = "") -> None:
        """Print a line, after the line of a step that is still open."""
        if self._open_line:
            self.stream.write("\n")
            self._open_line = False
        self.stream.write(text + "\n")
        self.stream.flush()

    def event(self, text: str) -> None:
        """Print a line with the time of day, for what happens while servers run."""
        self.say(f"{time.strftime('%H:%M:%S')} {text}")

    def paint(self, text: str, code: str) -> str:
        """Wrap text in an ANSI colour code, on terminals only."""
        return f"\033[{code}m{text}\033[0m" if self._colour else text

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Announce a step, run the body, then print its outcome and duration [s]."""
        started = time.monotonic()
        self.say_open(f"  {title} … ")
        step = Step()
        try:
            yield step
        except BaseException as error:
            took = time.monotonic() - started
            word = "failed" if isinstance(error, Exception) else "interrupted"
            self._close(f"{self.paint(word, '31')} after {took:.1f} s", title)
            raise
        took = time.monotonic() - started
        self._close(f"{step.detail or 'done'} {self.paint(f'({took:.1f} s)', '2')}", title)

    def say_open(self, text: str) -> None:
        """Print text and leave the line open for the outcome."""
        if self._open_line:
            self.stream.write("\n")
        self.stream.write(text)
        self.stream.flush()
        self._open_line = True

    def _close(self, text: str, title: str) -> None:
        self.stream.write(f"{text}\n" if self._open_line else f"  {title}: {text}\n")
        self.stream.flush()
        self._open_line = False

    def failure(self, error: StepFailed) -> None:
        """Print a failed step: what happened, the end of its log, what to do."""
        self.say()
        self.say(self.paint(f"Stopped: {error.message}", "31;1"))
        if error.log and error.log.exists():
            for line in tail(error.log, LOG_TAIL_LINES):
                self.say(f"    | {line}")
            self.say(f"  Log: {error.log}")
        if error.advice:
            self.say(f"  What to do: {error.advice}")


def tail(path: Path, lines: int) -> list[str]:
    """Return the last lines of a text file (fewer when it is shorter)."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - 400 * lines))
        text = stream.read().decode("utf-8", "replace")
    return [line[:400] for line in text.splitlines() if line.strip()][-lines:]


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    *,
    failure: str,
    advice: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    finish: bool = False,
) -> None:
    """Run a command with its output appended to a log.

    user: account to run as (only root can change it)
    finish: when interrupted, wait for the command's own end rather than kill it (apt)
    Raises StepFailed with ``failure`` and ``advice`` on a non-zero exit.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    extra = {"user": user, "group": group_of(user), "extra_groups": []} if user else {}
    with log.open("ab") as stream:
        stream.write(f"\n$ {shlex.join(words)}\n".encode())
        stream.flush()
        try:
            process = subprocess.Popen(
                words,
                stdin=None if finish else subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                process_group=0 if finish and not sys.stdin.isatty() else None,
                **extra,
            )
        except OSError as error:
            raise StepFailed(f"{failure} ({words[0]}: {error.strerror})", advice, log) from error
        try:
            code = process.wait()
        except BaseException:
            if finish:
                process.wait()
            else:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
            raise
    if code:
        raise StepFailed(f"{failure} (exit code {code})", advice, log)


def group_of(user: str) -> int:
    """Return the primary group id of an account."""
    import pwd

    return pwd.getpwnam(user).pw_gid
