"""FTP and FTPS: real servers on loopback, real files."""

from ..channels import errors
from ..channels.address import AddressGuard
from ..channels.base import Limits
from ..channels.ftp import FtpChannel
from .channel_servers import PRICE_LIST, Certificate, FtpServer, put_file
from .file_server_case import LOOPBACK, FileServerCase


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
