"""Files of an FTP server, encrypted (FTPS) unless the supplier knows no better."""

from __future__ import annotations

import contextlib
import ftplib
import posixpath
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from .address import AddressGuard
from .base import CHUNK_BYTES, Channel, Limits, LocalFile, Peek, RemoteFile, Sink, State, safe_name
from .errors import (
    BadCredentials,
    BadSettings,
    ChannelError,
    ContractChanged,
    RetryLater,
    SourceNotFound,
    UntrustedServer,
)

#: What travels is kept byte for byte; names are read as UTF-8 where they are UTF-8.
_WIRE = "latin-1"
_UNKNOWN_COMMAND = ("500", "501", "502", "504")


class _GuardedFtp(ftplib.FTP):
    """Connects through the guard. The data connection goes to the same, checked address:
    ftplib takes the host of the control connection whatever the server says.
    """

    def __init__(self, guard: AddressGuard, timeout: float, **kwargs):
        self._guard = guard
        super().__init__(timeout=timeout, encoding=_WIRE, **kwargs)

    def connect_guarded(self, host: str, port: int, connect_s: float) -> None:
        """Open the control connection and read the greeting."""
        self.host, self.port = host, port
        self.sock = self._guard.connect(host, port, connect_s)
        self.sock.settimeout(self.timeout)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()


class _GuardedFtps(_GuardedFtp, ftplib.FTP_TLS):
    """Explicit FTPS; data connections resume the session of the control connection, as many
    servers demand.
    """

    def ntransfercmd(self, cmd, rest=None):
        link, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        if self._prot_p:
            link = self.context.wrap_socket(
                link, server_hostname=self.host, session=self.sock.session
            )
        return link, size


class FtpChannel(Channel):
    """Files of one folder of one server.

    encrypted: FTPS (explicit TLS); else plain FTP
    certificate: PEM of a certificate to trust besides the usual authorities
    """

    def __init__(
        self,
        host: str,
        port: int,
        login: str,
        password: str,
        guard: AddressGuard,
        *,
        folder: str = "",
        encrypted: bool = True,
        certificate: str = "",
        limits: Limits | None = None,
    ):
        self.notes = []
        self._host, self._port = host.strip(), port or 21
        self._user, self._password = _to_wire(login or "anonymous"), _to_wire(password)
        self._folder = _to_wire(folder.strip())
        self._shown = folder.strip() or "/"
        self._limits = limits or Limits()
        if encrypted:
            self._ftp = _GuardedFtps(guard, self._limits.read_s, context=_context(certificate))
        else:
            self._ftp = _GuardedFtp(guard, self._limits.read_s)
            self.notes.append(("no-encryption", {"host": self._host}))
        self._is_open = False

    def close(self) -> None:
        if self._is_open:
            with contextlib.suppress(OSError, EOFError, ftplib.Error):
                self._ftp.quit()
        self._ftp.close()

    def _connect(self) -> ftplib.FTP:
        if self._is_open:
            return self._ftp
        self._ftp.connect_guarded(self._host, self._port, self._limits.connect_s)
        try:
            self._ftp.login(self._user, self._password)
        except ftplib.error_perm as error:
            if str(error)[:3] in ("530", "532", "430"):
                raise BadCredentials("login-refused", host=self._host) from None
            raise
        if isinstance(self._ftp, ftplib.FTP_TLS):
            self._ftp.prot_p()
        self._is_open = True
        return self._ftp

    @contextlib.contextmanager
    def _translated(self, file: RemoteFile | None = None) -> Iterator[None]:
        """What a failure of the library means for us."""
        host = self._host
        try:
            yield
        except ChannelError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise UntrustedServer(
                "certificate-refused", host=host, detail=error.verify_message
            ) from None
        except ftplib.error_perm as error:
            raise self._refusal(str(error), file) from None
        except ftplib.error_temp as error:
            raise RetryLater("server-busy", host=host, status=str(error)[:3]) from None
        except TimeoutError:
            raise RetryLater("server-silent", host=host) from None
        except ValueError:
            # a line break in a name: ftplib sends none
            raise ContractChanged("names-unreadable", host=host) from None
        except (ftplib.Error, EOFError, OSError):
            raise RetryLater("connection-cut", host=host) from None

    def _refusal(self, answer: str, file: RemoteFile | None) -> ChannelError:
        host = self._host
        if answer[:3] in ("530", "532"):
            return BadCredentials("access-refused", host=host)
        if answer[:3] == "550":
            if file:
                return SourceNotFound("file-gone", file=file.name, host=host)
            return SourceNotFound("folder-not-found", folder=self._shown, host=host)
        if self._password and len(self._password) > 3:
            answer = answer.replace(self._password, "***")
        return ContractChanged("ftp-refused", host=host, detail=answer[:200])

    def look(self) -> list[RemoteFile]:
        with self._translated():
            ftp = self._connect()
            try:
                return [
                    self._describe(name, facts.get("size"), facts.get("modify"))
                    for name, facts in ftp.mlsd(self._folder, ["type", "size", "modify"])
                    if facts.get("type", "file") == "file"
                ]
            except ftplib.error_perm as error:
                if str(error)[:3] not in _UNKNOWN_COMMAND:
                    raise
            return self._look_one_by_one(ftp)

    def _look_one_by_one(self, ftp: ftplib.FTP) -> list[RemoteFile]:
        """For servers that know no MLSD: names, then size and date of each."""
        try:
            names = ftp.nlst(self._folder) if self._folder else ftp.nlst()
        except ftplib.error_perm as error:
            if str(error).startswith("550") and self._folder:
                ftp.cwd(self._folder)  # an empty folder is one, a missing one raises
                return []
            if str(error).startswith("550"):
                return []
            raise
        ftp.voidcmd("TYPE I")
        files = []
        for name in names:
            name = posixpath.basename(name)
            path = posixpath.join(self._folder, name)
            try:
                size = ftp.size(path)
            except ftplib.error_perm:
                continue  # a folder has no size
            modified = None
            with contextlib.suppress(ftplib.error_perm):
                modified = ftp.voidcmd(f"MDTM {path}")[4:].strip()
            files.append(self._describe(name, size, modified))
        return files

    def _describe(self, name: str, size, modified: str | None) -> RemoteFile:
        stamp = re.match(r"\d{14}", modified or "")
        return RemoteFile(
            name=safe_name(_from_wire(name)),
            path=posixpath.join(self._folder, name),
            size=int(size) if size is not None else None,
            modified_at=datetime.strptime(stamp[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            if stamp
            else None,
        )

    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        with self._translated(file), Sink(target, self._limits, self._host) as sink:
            ftp = self._connect()
            sink.expect(file.size)
            ftp.retrbinary(f"RETR {file.path}", sink.write, blocksize=CHUNK_BYTES)
            if file.size is not None and sink.size != file.size:
                raise RetryLater("still-written", file=file.name)
            return sink.finish(file.name)

    def peek(self, file: RemoteFile, size: int) -> Peek:
        with self._translated(file):
            ftp = self._connect()
            ftp.voidcmd("TYPE I")
            data = b""
            with contextlib.closing(ftp.transfercmd(f"RETR {file.path}")) as link:
                while len(data) < size and (chunk := link.recv(CHUNK_BYTES)):
                    data += chunk
            # the server may call the transfer cut short; the session ends here either way
            with contextlib.suppress(ftplib.Error, EOFError, OSError):
                ftp.voidresp()
            return Peek(file, data[:size], len(data) < size)


def _to_wire(text: str) -> str:
    return text.encode().decode(_WIRE)


def _from_wire(text: str) -> str:
    try:
        return text.encode(_WIRE).decode()
    except UnicodeDecodeError:
        return text


def _context(certificate: str) -> ssl.SSLContext:
    """TLS that checks the server, with the supplier's own certificate when there is one."""
    context = ssl.create_default_context()
    if certificate.strip():
        try:
            context.load_verify_locations(cadata=certificate)
        except (ssl.SSLError, ValueError):
            raise BadSettings("bad-certificate") from None
    return context
