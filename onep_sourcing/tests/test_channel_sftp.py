"""SFTP: a real server on loopback, real files."""

import contextlib
import io
import os
import socket
import threading
import time
from dataclasses import replace

import paramiko

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.base import Limits
from ..channels.ftp import FtpChannel
from ..channels.sftp import SftpChannel, SftpLogin, check_host_key, describe_key
from .channel_servers import PRICE_LIST, SftpServer
from .file_server_case import LOOPBACK, FileServerCase


class TestSftpChannel(FileServerCase):
    def channel(self, server, **kwargs):
        login = kwargs.pop("login", SftpLogin(server.LOGIN, server.PASSWORD))
        channel = SftpChannel("127.0.0.1", server.port, login, LOOPBACK, **kwargs)
        self.addCleanup(channel.close)
        return channel

    def test_contract(self):
        self.check_road(self.start(SftpServer()))

    def test_a_file_of_several_megabytes(self):
        server = self.start(SftpServer())
        data = os.urandom(3_000_000)
        server.put("big.csv", data)
        channel = self.channel(server)
        got = channel.fetch(channel.look()[0], self.target, {})
        self.assertEqual(self.target.read_bytes(), data)
        self.assertEqual(got.size, 3_000_000)
        with self.assertRaises(errors.TooLarge):
            small = self.channel(server, limits=Limits(max_bytes=1_000_000))
            small.fetch(small.look()[0], self.target, {})

    def test_the_key_is_learned_then_the_only_one(self):
        server = self.start(SftpServer())
        server.put("a.csv")
        first = self.channel(server)
        first.look()
        known = first.seen_key
        self.assertEqual(known, describe_key(server.host_key))
        self.assertEqual([rule for rule, _params in first.notes], ["key-learned"])
        for spelling in (known, known.rpartition(" ")[2], known.rpartition(":")[2]):
            again = self.channel(server, host_key=spelling)
            self.assertTrue(again.look())
            self.assertFalse(again.notes)

    def test_another_key_gets_no_password(self):
        server = self.start(SftpServer())
        stranger = describe_key(paramiko.ECDSAKey.generate())
        error = self.refused(
            errors.UntrustedServer,
            "host-key-changed",
            self.channel(server, host_key=stranger).look,
        )
        self.assertIn(describe_key(server.host_key), str(error))
        self.assertFalse(server.passwords, "the password was not sent")

    def test_logins(self):
        server = self.start(SftpServer())
        error = self.refused(
            errors.BadCredentials,
            "login-refused",
            self.channel(server, login=SftpLogin("buyer", "wrong-pass")).look,
        )
        self.assertNotIn("wrong-pass", str(error))
        with self.assertRaises(errors.BadCredentials):
            self.channel(server, login=SftpLogin("", "x"))

    def test_private_keys(self):
        key = paramiko.ECDSAKey.generate()
        text = io.StringIO()
        key.write_private_key(text, password="phrase")
        server = self.start(SftpServer(client_key=key))
        server.put("a.csv")
        channel = self.channel(server, login=SftpLogin("buyer", "phrase", text.getvalue()))
        self.assertEqual(len(channel.look()), 1)
        for password, private in (("wrong", text.getvalue()), ("", "hello")):
            self.refused(
                errors.BadCredentials,
                "key-unusable",
                self.channel(server, login=SftpLogin("buyer", password, private)).look,
            )

    def test_what_is_not_there(self):
        self.check_missing(self.start(SftpServer()))

    def test_a_file_that_grows_is_left_for_later(self):
        server = self.start(SftpServer())
        server.put("a.csv")
        channel = self.channel(server)
        (file,) = channel.look()
        server.put("a.csv", PRICE_LIST * 2)
        self.refused(errors.RetryLater, "still-written", channel.fetch, file, self.target, {})

    def test_a_listing_that_leaves_things_out_is_no_change(self):
        server = self.start(SftpServer())
        server.put("a.csv")
        channel = self.channel(server)
        (file,) = channel.look()
        for given in (
            replace(file, size=None),
            replace(file, modified_at=None),
            replace(file, size=None, modified_at=None),
        ):
            self.assertTrue(channel.fetch(given, self.target, {}))
        server.put("a.csv", PRICE_LIST[::-1], age_s=60)
        given = replace(file, size=None)
        self.refused(errors.RetryLater, "still-written", channel.fetch, given, self.target, {})

    def test_a_file_that_was_written_over_meanwhile(self):
        """As large as before, but half of it may be old and half new."""
        server = self.start(SftpServer())
        server.put("a.csv")
        channel = self.channel(server)
        (file,) = channel.look()
        server.put("a.csv", PRICE_LIST[::-1], age_s=60)
        self.refused(errors.RetryLater, "still-written", channel.fetch, file, self.target, {})

    def test_a_listing_without_end(self):
        server = self.start(SftpServer())
        for index in range(8):
            server.put(f"{index}.csv", b"x")
        self.assertEqual(len(self.channel(server).look()), 8)
        self.patch_bound("file_server", 5)
        self.refused(errors.TooLarge, "too-many-files", self.channel(server).look)

    def test_a_server_that_drips(self):
        """A byte now and then meets no timeout of a read, only the end of the time."""
        link = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(link.close)

        def drip():
            peer = link.accept()[0]
            with peer, contextlib.suppress(OSError):
                for _byte in range(100):
                    peer.sendall(b"x")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        channel = FtpChannel(
            "127.0.0.1", link.getsockname()[1], "a", "b", LOOPBACK,
            encryption="none", limits=Limits(total_s=0.5),
        )  # fmt: skip
        started = time.monotonic()
        self.refused(errors.RetryLater, "too-slow", channel.look)
        self.assertLess(time.monotonic() - started, 3)
        channel.close()

    def test_a_server_that_is_none(self):
        link = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(link.close)
        port = link.getsockname()[1]
        threading.Thread(target=lambda: link.accept()[0].close(), daemon=True).start()
        channel = SftpChannel("127.0.0.1", port, SftpLogin("a", "b"), LOOPBACK)
        self.refused(errors.RetryLater, "connection-cut", channel.look)

    def test_private_addresses(self):
        channel = SftpChannel("127.0.0.1", 22, SftpLogin("a", "b"), AddressGuard())
        self.refused(errors.RefusedAddress, "private-address", channel.look)

    def test_host_keys_as_typed(self):
        check_host_key(describe_key(paramiko.ECDSAKey.generate()))
        for text in ("SHA256:abc", "ssh-rsa AAAA", "MD5:aa:bb"):
            with self.assertRaises(errors.BadSettings, msg=text):
                check_host_key(text)
