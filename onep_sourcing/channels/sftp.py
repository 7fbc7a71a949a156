"""Files of an SFTP server whose key is known: pinned beforehand, or learned at first contact."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import logging
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import paramiko

from .address import AddressGuard
from .base import CHUNK_BYTES, Limits, RemoteFile, Sink, safe_name
from .errors import (
    BadCredentials,
    BadSettings,
    ChannelError,
    ContractChanged,
    RetryLater,
    UntrustedServer,
)
from .file_server import FileServerChannel

# its tracebacks of refused logins are not for the server's log
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@dataclass(frozen=True, slots=True)
class SftpLogin:
    """How the server knows us.

    private_key: in OpenSSH or PEM form; `password` is then its passphrase
    """

    login: str
    password: str = ""
    private_key: str = ""

    def load_key(self) -> paramiko.PKey | None:
        """The private key, None when the login is by password."""
        if not self.private_key.strip():
            return None
        text = self.private_key.strip().replace("\r\n", "\n") + "\n"
        for kind in _KEY_CLASSES:
            with contextlib.suppress(paramiko.SSHException, ValueError, IndexError, TypeError):
                return kind.from_private_key(io.StringIO(text), self.password or None)
        raise BadCredentials("key-unusable")


def describe_key(key: paramiko.PKey) -> str:
    """A host key as people compare it: ``ssh-ed25519 SHA256:…``."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _is_same_key(known: str, seen: str) -> bool:
    """Whether a known key, with or without its kind in front, is the one seen."""
    known_kind, _blank, known_print = known.strip().rpartition(" ")
    seen_kind, _blank, seen_print = seen.rpartition(" ")
    if not known_print.startswith("SHA256:"):
        known_print = f"SHA256:{known_print}"
    same_kind = not known_kind or known_kind == seen_kind
    return same_kind and known_print.rstrip("=") == seen_print


class SftpChannel(FileServerChannel):
    """Files of one folder of one server.

    host_key: what the server must show; empty: whatever it shows first is learned, and told in
        `notes` and in `seen_key`
    """

    def __init__(
        self,
        host: str,
        port: int,
        login: SftpLogin,
        guard: AddressGuard,
        *,
        folder: str = ".",
        host_key: str = "",
        limits: Limits | None = None,
    ):
        if not login.login:
            raise BadCredentials("login-missing")
        super().__init__(host, port or 22, folder, guard, limits)
        self.seen_key = ""
        self._login = login
        self._folder = folder.strip() or "."
        self._known = host_key.strip()
        self._transport: paramiko.Transport | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def close(self) -> None:
        if self._transport:
            self._transport.close()
        super().close()

    def _connect(self) -> paramiko.SFTPClient:
        """The session; the login is sent only once the server's key is the right one."""
        if self._sftp:
            return self._sftp
        key = self._login.load_key()
        transport = self._transport = paramiko.Transport(self._connect_guarded())
        transport.banner_timeout = transport.auth_timeout = self._limits.connect_s
        self._prefer_known_kind(transport)
        transport.start_client(timeout=self._limits.connect_s)
        self._check_key(describe_key(transport.get_remote_server_key()))
        if key:
            transport.auth_publickey(self._login.login, key)
        else:
            self._auth_password(transport)
        self._sftp = paramiko.SFTPClient.from_transport(transport)
        self._sftp.get_channel().settimeout(self._limits.read_s)
        return self._sftp

    def _prefer_known_kind(self, transport: paramiko.Transport) -> None:
        """Ask for the kind of key we know first: a server has several."""
        kind = self._known.rpartition(" ")[0]
        if kind:
            options = transport.get_security_options()
            wanted = [
                name
                for name in options.key_types
                if name == kind or (kind == "ssh-rsa" and name.startswith("rsa-"))
            ]
            others = [name for name in options.key_types if name not in wanted]
            options.key_types = tuple(wanted + others)

    def _check_key(self, seen: str) -> None:
        self.seen_key = seen
        if self._known and not _is_same_key(self._known, seen):
            raise UntrustedServer("host-key-changed", host=self._host, known=self._known, seen=seen)
        if not self._known:
            self.notes.append(("key-learned", {"host": self._host, "seen": seen}))

    def _auth_password(self, transport: paramiko.Transport) -> None:
        """By password, or by its other name that asks the same as a question."""
        try:
            transport.auth_password(self._login.login, self._login.password, fallback=False)
        except paramiko.BadAuthenticationType as error:
            if "keyboard-interactive" not in error.allowed_types:
                raise
            transport.auth_interactive(
                self._login.login,
                lambda _title, _text, questions: [self._login.password for _q in questions],
            )

    def _translate(self, error: Exception, file: RemoteFile | None) -> ChannelError | None:
        host = self._host
        if isinstance(error, paramiko.AuthenticationException):
            return BadCredentials("login-refused", host=host)
        if isinstance(error, FileNotFoundError):
            return self._not_there(file)
        if isinstance(error, paramiko.SSHException | paramiko.SFTPError):
            return RetryLater("connection-cut", host=host)
        if type(error) is OSError and error.errno is None:
            # the server's own word for a failure, without a number
            return ContractChanged(
                "request-refused", host=host, status="SFTP", detail=str(error)[:200]
            )
        return None

    def _list(self) -> Iterator[RemoteFile]:
        for entry in self._connect().listdir_iter(self._folder, read_aheads=1):
            if stat.S_ISREG(entry.st_mode or stat.S_IFREG):
                yield RemoteFile(
                    name=safe_name(entry.filename),
                    path=posixpath.join(self._folder, entry.filename),
                    size=entry.st_size,
                    modified_at=_moment(entry.st_mtime),
                )

    def _receive(self, file: RemoteFile, sink: Sink) -> None:
        with self._connect().open(file.path, "rb") as stream:
            # without a bound on requests, as paramiko's own get(): its bound waits by sleeping,
            # which took 17 s for 16 MB instead of 0.2 s
            stream.prefetch(file.size)
            while chunk := stream.read(CHUNK_BYTES):
                sink.write(chunk)

    def _is_same(self, file: RemoteFile, size: int) -> bool:
        """By what the listing and the server's last word both say: either may leave things out."""
        now = self._connect().stat(file.path)
        pairs = (
            (now.st_size, size),
            (now.st_size, file.size),
            (_moment(now.st_mtime), file.modified_at),
        )
        return all(None in pair or pair[0] == pair[1] for pair in pairs)

    def _read_start(self, file: RemoteFile, size: int) -> bytes:
        with self._connect().open(file.path, "rb") as stream:
            return stream.read(size)


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def check_host_key(text: str) -> None:
    """Raise BadSettings unless a text names a host key: ``SHA256:…``, its kind in front or not."""
    fingerprint = text.strip().rpartition(" ")[2].removeprefix("SHA256:")
    try:
        fine = len(base64.b64decode(fingerprint + "=" * (-len(fingerprint) % 4))) == 32
    except ValueError:
        fine = False
    if not fine:
        raise BadSettings("bad-host-key")
