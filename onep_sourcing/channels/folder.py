"""A folder of the server, below one that its administrator opened to feeds."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .base import CHUNK_BYTES, Channel, Limits, LocalFile, Peek, RemoteFile, Sink, State
from .errors import RefusedAddress, RetryLater, SourceNotFound

OPTION = "onep_feed_folders"
PROCESSED = "processed"
#: A file changed less than this ago may still be being written [s].
SETTLE_S = 5.0


def allowed_folder(folder: str, roots: Sequence[str]) -> Path:
    """The real path of a folder, once links are followed, when it is below an allowed root."""
    real_roots = [Path(root.strip()).resolve() for root in roots if root.strip()]
    if not real_roots:
        raise RefusedAddress("no-folder-allowed", option=OPTION)
    try:
        real = Path(folder or ".").resolve()
    except (OSError, RuntimeError, ValueError):
        real = None
    if (
        real is None
        or not Path(folder or "").is_absolute()
        or not any(real.is_relative_to(root) for root in real_roots)
    ):
        raise RefusedAddress("folder-not-allowed", folder=folder, option=OPTION)
    return real


class FolderChannel(Channel):
    """Files of one folder; its own subfolders and links are left alone.

    move_processed: taken files go to the subfolder ``processed``, else they are remembered
    clock: seconds since the epoch
    """

    def __init__(
        self,
        folder: str,
        roots: Sequence[str],
        limits: Limits | None = None,
        *,
        move_processed: bool = False,
        clock: Callable[[], float] = time.time,
    ):
        self.notes = []
        self._shown = folder
        self._folder = allowed_folder(folder, roots)
        self._limits = limits or Limits()
        self._move = move_processed
        self._clock = clock

    def look(self) -> list[RemoteFile]:
        files = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if not entry.is_file(follow_symlinks=False):
                        continue
                    facts = entry.stat(follow_symlinks=False)
                    if 0 <= self._clock() - facts.st_mtime < SETTLE_S:
                        self.notes.append(("still-written", {"file": entry.name}))
                        continue
                    files.append(
                        RemoteFile(
                            name=entry.name,
                            path=entry.name,
                            size=facts.st_size,
                            modified_at=_moment(facts),
                        )
                    )
        except (FileNotFoundError, NotADirectoryError):
            raise self._no_folder() from None
        except OSError:
            raise RefusedAddress("folder-not-allowed", folder=self._shown, option=OPTION) from None
        return files

    def _no_folder(self) -> SourceNotFound:
        return SourceNotFound("folder-not-found", folder=self._shown, host="localhost")

    def _open(self, file: RemoteFile):
        """The file itself: a link that took its place meanwhile is not followed."""
        try:
            # without waiting: a pipe that took its place has nobody at its other end
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            handle = os.open(self._folder / Path(file.path).name, flags)
        except OSError:
            raise SourceNotFound("file-gone", file=file.name, host="localhost") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise SourceNotFound("file-gone", file=file.name, host="localhost")
        return os.fdopen(handle, "rb")

    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        with self._open(file) as stream, Sink(target, self._limits, self._shown) as sink:
            sink.expect(file.size)
            while chunk := stream.read(CHUNK_BYTES):
                sink.write(chunk)
            facts = os.fstat(stream.fileno())
            if sink.size != file.size or _moment(facts) != file.modified_at:
                raise RetryLater("still-written", file=file.name)
            return sink.finish(file.name)

    def peek(self, file: RemoteFile, size: int) -> Peek:
        with self._open(file) as stream:
            data = stream.read(size)
        return Peek(file, data, len(data) < size)

    def settle(self, file: RemoteFile) -> None:
        """Put a taken file aside, under a name of its own when that one is taken."""
        if not self._move:
            return
        aside = self._folder / PROCESSED
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%d-%H%M%S")
        source = self._folder / Path(file.path).name
        target = aside / source.name
        if target.exists():
            target = aside / f"{source.stem}.{stamp}{source.suffix}"
        try:
            facts = source.lstat()
            if (facts.st_size, _moment(facts)) != (file.size, file.modified_at):
                return  # written over since it was taken: the next check takes it again
            aside.mkdir(exist_ok=True)
            if aside.is_symlink():
                raise NotADirectoryError(str(aside))
            source.rename(target)
        except FileNotFoundError:
            pass
        except OSError:
            self.notes.append(("not-moved", {"file": file.name, "folder": str(aside)}))


def _moment(facts: os.stat_result) -> datetime:
    return datetime.fromtimestamp(facts.st_mtime, UTC)
