"""Folders of the server: real files, links, pipes."""

import os
import shutil
import tempfile
from pathlib import Path

from ..channels import errors
from ..channels.base import Limits, RemoteFile, Sink
from ..channels.folder import FolderChannel
from .channel_servers import PRICE_LIST, put_file
from .file_server_case import FilesCase


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
