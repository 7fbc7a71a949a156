"""Which hosts a feed may reach: names are resolved here, checked, and connected to as checked.

Whoever connects by name a second time may get another answer from the DNS (rebinding); so every
channel gets its sockets from :meth:`AddressGuard.connect`, on each redirect too.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .errors import BadSettings, ChannelError, RefusedAddress, RetryLater, SourceNotFound
from .proxy import Proxy

PARAMETER = "onep_sourcing.private_networks"

_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")
#: IPv4 addresses with zeros in front; older than the mapped ones, and given up.
_COMPATIBLE = ip_network("::/96")

Address = IPv4Address | IPv6Address


def _inner(address: Address) -> Address:
    """The IPv4 address an IPv6 one stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or address in _NAT64_LOCAL or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open Internet, whatever it is wrapped in."""
    inner = _inner(address)
    return (
        inner.is_global
        and not (isinstance(address, IPv6Address) and address.is_site_local)
        and address not in _NAT64_LOCAL
        and not inner.is_multicast
        and not inner.is_reserved
        and not inner.is_unspecified
    )


class AddressGuard:
    """Resolves, checks and connects.

    allowed: private networks (``10.1.0.0/16``), addresses or host names that an administrator
        opened
    resolve: ``socket.getaddrinfo`` or a stand-in
    proxy: the way to public addresses; private ones that are allowed are reached directly
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        resolve: Callable[..., list] = socket.getaddrinfo,
        proxy: Proxy | None = None,
    ):
        self._resolve = resolve
        self._proxy = proxy
        self._networks = []
        self._names = set()
        for entry in allowed:
            entry = entry.strip().lower()
            if not entry:
                continue
            try:
                self._networks.append(ip_network(entry, strict=False))
            except ValueError:
                self._names.add(entry.rstrip("."))

    def addresses(self, host: str, port: int) -> list[tuple]:
        """Socket addresses of a host, every one of them allowed: (family, sockaddr)."""
        name = host.strip("[]").rstrip(".").lower()
        try:
            found = self._resolve(name, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise RetryLater("server-silent", host=host) from None
            raise SourceNotFound("host-unknown", host=host) from None
        except (UnicodeError, ValueError, OverflowError):
            raise BadSettings("bad-address") from None
        for _family, _kind, _protocol, _canonical, sockaddr in found:
            # fe80::1%eth0: the zone is not part of the address
            address = ip_address(str(sockaddr[0]).partition("%")[0])
            if not self._is_allowed(name, address):
                raise RefusedAddress(
                    "private-address", host=host, address=str(address), parameter=PARAMETER
                )
        return [(family, sockaddr) for family, _k, _p, _c, sockaddr in found]

    def _is_allowed(self, name: str, address: Address) -> bool:
        if is_public(address) or name in self._names:
            return True
        candidates = (address, _inner(address))
        return any(
            candidate in network
            for network in self._networks
            for candidate in candidates
            if candidate.version == network.version
        )

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A connected socket to a checked address; the host's name is not resolved again."""
        failure: ChannelError | None = None
        for family, sockaddr in self._find_addresses(host, port):
            if self._proxy and family is None:
                return self._proxy.open(host, port, timeout)
            try:
                if self._proxy and is_public(ip_address(sockaddr[0].partition("%")[0])):
                    return self._proxy.open(sockaddr[0], port, timeout)
                return self._connect_directly(host, family, sockaddr, timeout)
            except (RetryLater, RefusedAddress) as error:
                # a proxy that refuses one address may well let the next one through; of several
                # failures, one that may pass is the one to tell
                failure = failure if isinstance(failure, RetryLater) else error
        raise failure or RetryLater("server-silent", host=host)

    def _find_addresses(self, host: str, port: int) -> list[tuple]:
        """Checked addresses; a family of None where the proxy alone knows the name."""
        try:
            return self.addresses(host, port)
        except (SourceNotFound, RetryLater):
            if self._proxy and self._proxy.resolves:
                return [(None, ())]
            raise

    def _connect_directly(
        self, host: str, family: int, sockaddr: tuple, timeout: float
    ) -> socket.socket:
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(timeout)
            link.connect(sockaddr)
        except ConnectionRefusedError:
            link.close()
            raise RetryLater("connection-refused", host=host, port=sockaddr[1]) from None
        except OSError:
            link.close()
            raise RetryLater("server-silent", host=host) from None
        return link
