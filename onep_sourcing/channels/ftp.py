"""Files of an FTP server, encrypted (FTPS) unless the supplier knows no better."""

from __future__ import annotations

import contextlib
import ftplib
import posixpath
import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from .address import AddressGuard
from .base import CHUNK_BYTES, Limits, RemoteFile, Sink, safe_name
from .deadline import Deadline
from .errors import (
    BadCredentials,
    BadSettings,
    ChannelError,
    ContractChanged,
    RetryLater,
    TooLarge,
)
from .file_server import MAX_ENTRIES, FileServerChannel

Encryption = Literal["explicit", "implicit", "none"]
#: The port of each kind of encryption, when none is given.
PORTS: dict[str, int] = {"explicit": 21, "implicit": 990, "none": 21}

#: What travels is kept byte for byte; names are read as UTF-8 where they are UTF-8.
_WIRE = "latin-1"
_UNKNOWN_COMMAND = ("500", "501", "502", "504")
_LOGIN_REFUSED = ("430", "530", "532")


class _Ftp(ftplib.FTP):
    """Speaks over a socket that was connected for it. The data connection goes to the same,
    checked address: ftplib takes the host of the control connection whatever the server says.
    """

    def __init__(self, timeout: float, deadline: Deadline, **kwargs):
        self._deadline = deadline
        super().__init__(timeout=timeout, encoding=_WIRE, **kwargs)

    def start(self, link: socket.socket, host: str, port: int) -> None:
        """Read the greeting."""
        self.host, self.port = host, port
        self.sock = self._secure(link)
        self.sock.settimeout(self.timeout)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def _secure(self, link: socket.socket) -> socket.socket:
        return link

    def ntransfercmd(self, cmd, rest=None):
        # past FTP_TLS, which opens data connections that resume nothing
        link, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        return self._deadline.watch(link, is_brief=True), size

    def retrlines(self, cmd, callback=None):
        """Lines of a listing, which a server may send without end."""
        count = 0

        def receive(line):
            nonlocal count
            count += 1
            if count > MAX_ENTRIES:
                raise TooLarge("too-many-files", limit=MAX_ENTRIES)
            callback(line)

        return super().retrlines(cmd, receive)


class _ExplicitFtps(_Ftp, ftplib.FTP_TLS):
    """Encrypted on demand, before the login. Data connections resume the session of the control
    connection, as many servers demand.
    """

    def ntransfercmd(self, cmd, rest=None):
        link, size = super().ntransfercmd(cmd, rest)
        if self._prot_p:
            link = self.context.wrap_socket(
                link, server_hostname=self.host, session=self.sock.session
            )
        return link, size


class _ImplicitFtps(_ExplicitFtps):
    """Encrypted from the first byte on, on a port of its own."""

    def _secure(self, link: socket.socket) -> socket.socket:
        return self.context.wrap_socket(link, server_hostname=self.host)


class FtpChannel(FileServerChannel):
    """Files of one folder of one server.

    encryption: FTPS asked for by command (explicit) or from the first byte on (implicit), or none
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
        encryption: Encryption = "explicit",
        certificate: str = "",
        limits: Limits | None = None,
    ):
        super().__init__(host, port or PORTS[encryption], folder, guard, limits)
        self._user, self._password = _to_wire(login or "anonymous"), _to_wire(password)
        self._folder = _to_wire(folder.strip())
        if encryption == "none":
            self._ftp = _Ftp(self._limits.read_s, self._deadline)
            self.notes.append(("no-encryption", {"host": self._host}))
        else:
            kind = _ImplicitFtps if encryption == "implicit" else _ExplicitFtps
            context = _context(certificate)
            self._ftp = kind(self._limits.read_s, self._deadline, context=context)
        self._is_open = False

    def close(self) -> None:
        if self._is_open:
            with contextlib.suppress(OSError, EOFError, ftplib.Error), self._deadline.running():
                self._ftp.quit()
        self._ftp.close()
        super().close()

    def _connect(self) -> ftplib.FTP:
        if self._is_open:
            return self._ftp
        self._ftp.start(self._connect_guarded(), self._host, self._port)
        try:
            self._ftp.login(self._user, self._password)
        except (ftplib.error_perm, ftplib.error_temp) as error:
            if str(error)[:3] in _LOGIN_REFUSED:
                raise BadCredentials("login-refused", host=self._host) from None
            raise
        if isinstance(self._ftp, ftplib.FTP_TLS):
            self._ftp.prot_p()
        self._is_open = True
        return self._ftp

    def _translate(self, error: Exception, file: RemoteFile | None) -> ChannelError | None:
        host = self._host
        if isinstance(error, ftplib.error_perm):
            return self._refusal(str(error), file)
        if isinstance(error, ftplib.error_temp):
            return RetryLater("server-busy", host=host, status=str(error)[:3])
        if isinstance(error, ftplib.Error):
            return RetryLater("connection-cut", host=host)
        return None

    def _refusal(self, answer: str, file: RemoteFile | None) -> ChannelError:
        host = self._host
        if answer[:3] in ("530", "532"):
            return BadCredentials("access-refused", host=host)
        if answer[:3] == "550":
            return self._not_there(file)
        if self._password and len(self._password) > 3:
            answer = answer.replace(self._password, "***")
        return ContractChanged("ftp-refused", host=host, detail=answer[:200])

    def _list(self) -> Iterator[RemoteFile]:
        ftp = self._connect()
        try:
            for name, facts in ftp.mlsd(self._folder, ["type", "size", "modify"]):
                if facts.get("type", "file").lower() == "file":
                    yield self._describe(name, facts.get("size"), facts.get("modify"))
            return
        except ftplib.error_perm as error:
            if str(error)[:3] not in _UNKNOWN_COMMAND:
                raise
        yield from self._list_one_by_one(ftp)

    def _list_one_by_one(self, ftp: ftplib.FTP) -> Iterator[RemoteFile]:
        """For servers that know no MLSD: names, then size and date of each."""
        try:
            names = ftp.nlst(self._folder) if self._folder else ftp.nlst()
        except ftplib.error_perm as error:
            if str(error).startswith("550") and self._folder:
                ftp.cwd(self._folder)  # an empty folder is one, a missing one raises
                return
            if str(error).startswith("550"):
                return
            raise
        ftp.voidcmd("TYPE I")
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
            yield self._describe(name, size, modified)

    def _describe(self, name: str, size, modified: str | None) -> RemoteFile:
        return RemoteFile(
            name=safe_name(_from_wire(name)),
            path=posixpath.join(self._folder, name),
            size=int(size) if size is not None else None,
            modified_at=_moment(modified or ""),
        )

    def _receive(self, file: RemoteFile, sink: Sink) -> None:
        # the server's last word on the transfer is awaited, and refuses one that was cut
        self._connect().retrbinary(f"RETR {file.path}", sink.write, blocksize=CHUNK_BYTES)

    def _is_same(self, file: RemoteFile, size: int) -> bool:
        return file.size in (None, size)

    def _read_start(self, file: RemoteFile, size: int) -> bytes:
        ftp = self._connect()
        ftp.voidcmd("TYPE I")
        data = b""
        with contextlib.closing(ftp.transfercmd(f"RETR {file.path}")) as link:
            while len(data) < size and (chunk := link.recv(CHUNK_BYTES)):
                data += chunk
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        # the server may call the transfer cut short; the session ends here either way
        with contextlib.suppress(ftplib.Error, EOFError, OSError):
            ftp.voidresp()
        return data[:size]


def _moment(text: str) -> datetime | None:
    """A date of the protocol; None for one that cannot be."""
    stamp = re.match(r"\d{14}", text)
    with contextlib.suppress(ValueError):
        return stamp and datetime.strptime(stamp[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return None


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
