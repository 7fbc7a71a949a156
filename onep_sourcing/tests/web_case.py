"""A web channel under test: its server on loopback, which an administrator allows."""

import sys
from urllib.parse import parse_qsl, urlsplit

from ..channels.address import AddressGuard
from .channel_case import ChannelCase
from .channel_servers import HttpServer

LOOPBACK = AddressGuard(["127.0.0.0/8"])


class WebCase(ChannelCase):
    def setUp(self):
        super().setUp()
        self.server = HttpServer()
        self.addCleanup(self.server.close)

    @staticmethod
    def module_of(thing):
        """The module a channel's class or function is of."""
        return sys.modules[thing.__module__]

    def parameters(self, handler):
        return dict(parse_qsl(urlsplit(handler.path).query))
