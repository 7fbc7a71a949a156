"""What servers of files have in common: the contract their channels keep."""

import shutil
import sys
import time

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.selection import choose
from .channel_case import ChannelCase
from .channel_servers import PRICE_LIST

LOOPBACK = AddressGuard(["127.0.0.0/8"])


class FilesCase(ChannelCase):
    def patch_bound(self, module, bound):
        self.patch(
            sys.modules[f"odoo.addons.onep_sourcing.channels.{module}"], "MAX_ENTRIES", bound
        )

    def start(self, server):
        self.addCleanup(shutil.rmtree, server.root, ignore_errors=True)
        self.addCleanup(server.close)
        return server


class FileServerCase(FilesCase):
    """What servers of files have in common; `channel` opens one of a server."""

    def check_road(self, server, **kwargs):
        """The newest file is found and fetched, folders are left out; returns the channel."""
        channel = self.channel(server, **kwargs)
        server.put("tarif_2026-10.csv", b"old", age_s=90_000)
        server.put("tarif_2026-11.csv")
        (server.root / "archive").mkdir()
        files = channel.look()
        self.assertEqual(
            {(file.name, file.size) for file in files},
            {("tarif_2026-10.csv", 3), ("tarif_2026-11.csv", len(PRICE_LIST))},
        )
        (newest,) = choose(files, "*.csv", {}, True)
        self.assertAlmostEqual(newest.modified_at.timestamp(), time.time() - 3600, delta=60)
        got = channel.fetch(newest, self.target, {})
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)
        self.assertEqual((got.name, got.size), ("tarif_2026-11.csv", len(PRICE_LIST)))
        peek = self.channel(server, **kwargs)
        self.assertEqual(peek.peek(newest, 20).data, PRICE_LIST[:20])
        return channel

    def check_missing(self, server):
        """A folder and a file that are not there are told apart."""
        self.refused(
            errors.SourceNotFound, "folder-not-found", self.channel(server, folder="nowhere").look
        )
        server.put("a.csv")
        channel = self.channel(server)
        (file,) = channel.look()
        (server.root / "a.csv").unlink()
        self.refused(errors.SourceNotFound, "file-gone", channel.fetch, file, self.target, {})
