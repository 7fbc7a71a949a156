"""The way out through an HTTP proxy: a tunnel to an address that was checked before.

The proxy is told the address, not the name, so that what it reaches is what was checked. That takes
a proxy that opens tunnels (CONNECT) to the ports of the sources.
"""

from __future__ import annotations

import base64
import re
import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from .errors import BadSettings, RefusedAddress, RetryLater

OPTION = "onep_feed_proxy"
RESOLVES_OPTION = "onep_feed_proxy_resolves"
#: Longest answer to a request for a tunnel [bytes].
MAX_ANSWER_BYTES = 16 * 1024
#: Of the name or the address a tunnel leads to: anything else would be more than one word to the
#: proxy, or another line.
_TARGET = re.compile(r"[A-Za-z0-9._:-]+")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy.

    resolves: names that our own DNS does not know are given to it unchecked
    """

    host: str
    port: int
    login: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    resolves: bool = False

    @classmethod
    def parse(cls, address: str, *, resolves: bool = False) -> Self:
        """From ``http://login:password@proxy.lan:3128``; raises BadSettings on anything else."""
        try:
            parts = urlsplit(address.strip())
            port = parts.port or 3128
        except ValueError:
            parts = None
        if not parts or parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise BadSettings("bad-proxy", option=OPTION)
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port, login, password, resolves)

    def open(self, target: str, port: int, timeout: float) -> socket.socket:
        """A socket that speaks with `target`, an address or a name, on its other end.

        Raises BadSettings for what can be neither.
        """
        target = _ascii(target)
        try:
            link = socket.create_connection((self.host, self.port), timeout)
        except OSError:
            raise RetryLater("proxy-silent", host=self.host, port=self.port) from None
        try:
            self._ask(link, f"[{target}]:{port}" if ":" in target else f"{target}:{port}")
        except OSError:
            link.close()
            raise RetryLater("proxy-silent", host=self.host, port=self.port) from None
        except BaseException:
            link.close()
            raise
        return link

    def _ask(self, link: socket.socket, target: str) -> None:
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.login:
            pair = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {pair}")
        link.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            # one by one: what follows the answer is of the other end already
            sign = link.recv(1)
            answer += sign
            if not sign or len(answer) > MAX_ANSWER_BYTES:
                raise RetryLater("proxy-silent", host=self.host, port=self.port)
        found = _STATUS.match(answer)
        status = int(found[1]) if found else 0
        if 200 <= status < 300:
            return
        if status == 407:
            raise BadSettings("proxy-login", host=self.host, option=OPTION)
        if 400 <= status < 500:
            raise RefusedAddress("proxy-refused", host=self.host, target=target, status=status)
        raise RetryLater("proxy-failed", host=self.host, target=target, status=status)


def _ascii(target: str) -> str:
    """A name as the DNS has it: `bücher.example` is `xn--bcher-kva.example`."""
    try:
        name = target if target.isascii() else target.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _TARGET.fullmatch(name):
        raise BadSettings("bad-address")
    return name
