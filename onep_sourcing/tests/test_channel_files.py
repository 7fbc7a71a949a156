"""SFTP, FTP, FTPS and folders: real servers on loopback, real files."""

import contextlib
import io
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import paramiko

from odoo.tests.common import BaseCase

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.base import Limits, RemoteFile, Sink, safe_name
from ..channels.folder import FolderChannel
from ..channels.ftp import FtpChannel
from ..channels.selection import choose, fits, forget, remember
from ..channels.sftp import SftpChannel, SftpLogin, check_host_key, describe_key
from .channel_case import ChannelCase
from .channel_servers import PRICE_LIST, Certificate, FtpServer, SftpServer, put_file

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


class TestSelection(BaseCase):
    def file(self, name, day=1, size=10):
        return RemoteFile(name, f"/in/{name}", size, datetime(2026, 11, day, tzinfo=UTC))

    def test_patterns(self):
        self.assertTrue(fits("Tarif_Nov.CSV", "tarif*.csv"))
        self.assertTrue(fits("a.xlsx", "*.csv; *.xlsx"))
        self.assertTrue(fits("anything", ""))
        for name in (".hidden.csv", "a.csv.part", "a.csv.tmp", "a.csv.filepart", "b.txt"):
            self.assertFalse(fits(name, "*.csv*; .*"), name)

    def test_newest_only_never_goes_back(self):
        old, new = self.file("a.csv", 1), self.file("b.csv", 2)
        self.assertEqual(choose([new, old], "", {}, True), [new])
        state = remember({}, [old, new], [new])
        self.assertEqual(choose([new, old], "", state, True), [])

    def test_all_oldest_first_and_once(self):
        old, new = self.file("z.csv", 1), self.file("a.csv", 2)
        self.assertEqual(choose([new, old], "", {}, False), [old, new])
        state = remember({}, [old, new], [old])
        self.assertEqual(choose([new, old], "", state, False), [new])

    def test_a_changed_file_comes_again(self):
        first = self.file("a.csv", 1)
        state = remember({}, [first], [first])
        self.assertEqual(choose([self.file("a.csv", 1, size=11)], "", state, True)[0].size, 11)
        self.assertTrue(choose([self.file("a.csv", 2)], "", state, True))

    def test_without_size_and_date_the_checksum_has_to_decide(self):
        bare = RemoteFile("a.csv", "a.csv")
        state = remember({}, [bare], [bare])
        self.assertEqual(choose([bare], "", state, True), [bare])

    def test_files_that_are_gone_are_forgotten(self):
        state = remember({"etag": "x"}, [self.file("a.csv")], [self.file("a.csv")])
        state = remember(state, [self.file("b.csv")], [])
        self.assertEqual(state, {"etag": "x", "seen": {}})

    def test_a_file_that_came_to_nothing_is_taken_once_more(self):
        files = [self.file("a.csv", 1), self.file("b.csv", 2)]
        state = remember({"etag": "x", "last_modified": "y", "of": "z"}, files, files)
        self.assertEqual(choose(files, "", state, False), [])
        state = forget(state, "b.csv")
        self.assertEqual(choose(files, "", state, False), files[1:])
        self.assertEqual(set(state), {"of", "seen"})
        self.assertEqual(forget({}, "b.csv"), {})

    def test_names(self):
        self.assertEqual(safe_name("../../etc/passwd"), "passwd")
        self.assertEqual(safe_name("C:\\x\\tarif.csv"), "tarif.csv")
        self.assertEqual(safe_name("a\u202egsc.exe\n"), "agsc.exe")
        self.assertEqual(safe_name(".."), "price-list")
        self.assertEqual(len(safe_name("x" * 500 + ".csv")), 120)


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


class TestFtpChannel(FileServerCase):
    def channel(self, server, encryption="none", password=None, **kwargs):
        channel = FtpChannel(
            "127.0.0.1",
            server.port,
            server.LOGIN,
            password or server.PASSWORD,
            kwargs.pop("guard", LOOPBACK),
            encryption=encryption,
            **kwargs,
        )
        self.addCleanup(channel.close)
        return channel

    def test_plain_says_that_it_is_plain(self):
        channel = self.check_road(self.start(FtpServer()))
        self.assertEqual([rule for rule, _params in channel.notes], ["no-encryption"])

    def test_a_server_without_listings_of_facts(self):
        self.check_road(self.start(FtpServer(without=("MLSD", "MLST"))))

    def test_encrypted(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        server = self.start(FtpServer(certificate))
        channel = self.check_road(server, encryption="explicit", certificate=certificate.pem)
        self.assertFalse(channel.notes)
        error = self.refused(
            errors.UntrustedServer,
            "certificate-refused",
            self.channel(server, encryption="explicit").look,
        )
        self.assertIn("self-signed", str(error))

    def test_encrypted_from_the_first_byte_on(self):
        certificate = Certificate()
        self.addCleanup(certificate.close)
        server = self.start(FtpServer(certificate, is_implicit=True))
        channel = self.check_road(server, encryption="implicit", certificate=certificate.pem)
        self.assertFalse(channel.notes)
        error = self.refused(
            errors.UntrustedServer,
            "certificate-refused",
            self.channel(server, encryption="implicit").look,
        )
        self.assertIn("self-signed", str(error))
        # whoever asks for encryption by command waits for a greeting in clear
        plain = self.channel(server, encryption="explicit", limits=Limits(read_s=0.5))
        self.refused(errors.RetryLater, "server-silent", plain.look)
        usual = FtpChannel("h", 0, "", "", LOOPBACK, encryption="implicit")
        self.assertEqual(usual._port, 990)

    def test_a_refused_login_is_not_tried_again(self):
        """Whether the server counts it as lasting (530) or not (430)."""
        server = self.start(FtpServer(answers={"530": "430"}))
        self.refused(
            errors.BadCredentials, "login-refused", self.channel(server, password="wrong").look
        )

    def test_a_listing_without_end(self):
        server = self.start(FtpServer())
        for index in range(8):
            server.put(f"{index}.csv", b"x")
        for module in ("ftp", "file_server"):
            self.patch_bound(module, 5)
        self.refused(errors.TooLarge, "too-many-files", self.channel(server).look)

    def test_a_date_that_cannot_be(self):
        server = self.start(FtpServer(answers={"213 2": "213 9913"}, without=("MLSD", "MLST")))
        server.put("a.csv")
        (file,) = self.channel(server).look()
        self.assertIsNone(file.modified_at)

    def test_no_login_without_encryption(self):
        server = self.start(FtpServer())
        self.refused(
            errors.ContractChanged, "ftp-refused", self.channel(server, encryption="explicit").look
        )

    def test_a_subfolder(self):
        server = self.start(FtpServer())
        (server.root / "out").mkdir()
        put_file(server.root / "out", "a.csv")
        channel = self.channel(server, folder="/out")
        (file,) = channel.look()
        channel.fetch(file, self.target, {})
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)

    def test_names_with_accents(self):
        server = self.start(FtpServer())
        (server.root / "dépôt").mkdir()
        put_file(server.root / "dépôt", "été.csv")
        channel = self.channel(server, folder="dépôt")
        (file,) = channel.look()
        self.assertEqual(file.name, "été.csv")
        channel.fetch(file, self.target, {})
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)

    def test_refusals(self):
        server = self.start(FtpServer())
        error = self.refused(
            errors.BadCredentials, "login-refused", self.channel(server, password="wrong-pass").look
        )
        self.assertNotIn("wrong-pass", str(error))
        self.check_missing(server)
        self.refused(
            errors.RefusedAddress,
            "private-address",
            self.channel(server, guard=AddressGuard()).look,
        )

    def test_too_large(self):
        server = self.start(FtpServer())
        server.put("a.csv", b"x" * 5000)
        channel = self.channel(server, limits=Limits(max_bytes=1000))
        self.refused(
            errors.TooLarge, "file-too-large", channel.fetch, channel.look()[0], self.target, {}
        )

    def test_a_data_address_of_the_server_s_choice_is_not_followed(self):
        server = self.start(FtpServer(without=("EPSV",)))
        server.put("a.csv")
        channel = self.channel(server)
        answers = []
        original = channel._ftp.sendcmd

        def sendcmd(command):
            answer = original(command)
            if command == "PASV":
                port = answer.rpartition("(")[2].rstrip(").").split(",")[4:]
                answer = f"227 Entering passive mode (10,0,0,1,{','.join(port)})."
                answers.append(answer)
            return answer

        channel._ftp.sendcmd = sendcmd
        channel._ftp.use_epsv = False
        self.assertEqual(len(channel.look()), 1)
        self.assertTrue(answers, "the server named another host")


class TestFolderChannel(FilesCase):
    def channel(self, folder=None, roots=None, **kwargs):
        return FolderChannel(
            str(folder or self.folder), [str(self.folder)] if roots is None else roots, **kwargs
        )

    def test_look_and_fetch(self):
        put_file(self.folder, "a.csv")
        (self.folder / "sub").mkdir()
        channel = self.channel()
        (file,) = channel.look()
        channel.fetch(file, self.target, {})
        self.assertEqual(self.target.read_bytes(), PRICE_LIST)
        self.assertEqual(channel.peek(file, 5).data, PRICE_LIST[:5])
        channel.settle(file)
        self.assertTrue((self.folder / "a.csv").exists(), "remembered, not moved")

    def test_taken_files_are_moved_without_loss(self):
        channel = self.channel(move_processed=True)
        for data in (b"one", b"two"):
            put_file(self.folder, "a.csv", data)
            (file,) = channel.look()
            channel.settle(file)
        kept = {path.read_bytes() for path in (self.folder / "processed").iterdir()}
        self.assertEqual(kept, {b"one", b"two"})
        self.assertFalse(channel.look())

    def test_a_file_being_written_waits(self):
        put_file(self.folder, "a.csv", age_s=0)
        channel = self.channel()
        self.assertFalse(channel.look())
        self.assertEqual([rule for rule, _params in channel.notes], ["still-written"])

    def test_only_below_allowed_folders(self):
        outside = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, outside)
        put_file(outside, "secret.csv")
        (self.folder / "link").symlink_to(outside)
        for folder in (outside, f"{self.folder}/../..", self.folder / "link", "relative", "/", ""):
            self.refused(
                errors.RefusedAddress,
                "folder-not-allowed",
                FolderChannel,
                str(folder),
                [str(self.folder)],
            )
        self.refused(errors.RefusedAddress, "no-folder-allowed", self.channel, roots=[])
        # a sibling whose name begins the same is not below
        sibling = Path(f"{self.folder}-other")
        sibling.mkdir()
        self.addCleanup(sibling.rmdir)
        self.refused(errors.RefusedAddress, "folder-not-allowed", self.channel, sibling)

    def test_links_are_not_files(self):
        outside = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, outside)
        put_file(outside, "secret.csv")
        (self.folder / "a.csv").symlink_to(outside / "secret.csv")
        channel = self.channel()
        self.assertFalse(channel.look())
        swapped = RemoteFile("a.csv", "a.csv", len(PRICE_LIST))
        self.refused(errors.SourceNotFound, "file-gone", channel.fetch, swapped, self.target, {})
        upward = RemoteFile("x", f"../{outside.name}/secret.csv", 1)
        self.refused(errors.SourceNotFound, "file-gone", channel.fetch, upward, self.target, {})

    def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(self):
        os.mkfifo(self.folder / "a.csv")
        channel = self.channel()
        self.assertFalse(channel.look())
        swapped = RemoteFile("a.csv", "a.csv", 10)
        self.refused(errors.SourceNotFound, "file-gone", channel.fetch, swapped, self.target, {})

    def test_a_file_written_over_since_it_was_taken_is_not_put_aside(self):
        put_file(self.folder, "a.csv", b"one")
        channel = self.channel(move_processed=True)
        (file,) = channel.look()
        channel.fetch(file, self.target, {})
        put_file(self.folder, "a.csv", b"two", age_s=60)
        channel.settle(file)
        self.assertEqual((self.folder / "a.csv").read_bytes(), b"two")
        self.refused(errors.RetryLater, "still-written", channel.fetch, file, self.target, {})

    def test_a_folder_that_is_gone(self):
        self.refused(
            errors.SourceNotFound, "folder-not-found", self.channel(self.folder / "gone").look
        )

    def test_limits(self):
        put_file(self.folder, "a.csv", b"x" * 100)
        channel = self.channel(limits=Limits(max_bytes=50))
        self.refused(
            errors.TooLarge, "file-too-large", channel.fetch, channel.look()[0], self.target, {}
        )
        clock = iter([0, 10_000])
        with Sink(self.target, Limits(), "host", lambda: next(clock)) as sink:
            self.refused(errors.RetryLater, "too-slow", sink.write, b"x")
