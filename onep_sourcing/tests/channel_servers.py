"""Real servers on loopback for the tests of the channels: HTTP, SFTP, FTP and FTPS."""

import contextlib
import datetime
import http.server
import ipaddress
import logging
import os
import socket
import ssl
import tempfile
import threading
from pathlib import Path

import paramiko
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

PRICE_LIST = (
    "SKU;EAN;Désignation;Prix HT;Stock\n"
    "A-1;3701234567890;Ours en peluche;12,50;30\n"
    "A-2;4006381333931;Toupie en bois;4,10;120\n"
    "A-3;5901234123457;Puzzle 500 pièces;9,90;15\n"
).encode()


class HttpServer:
    """Answers by path: `routes[path] = function(handler)`, which calls `handler.answer(…)`.

    `asked` keeps (method, path with parameters, headers, body) of every request.
    """

    def __init__(self, certificate=None):
        self.routes = {}
        self.asked = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self):
                with contextlib.suppress(OSError):
                    return super().handle()

            def log_message(self, *_args):
                pass

            def do_GET(self):
                size = int(self.headers.get("Content-Length") or 0)
                self.body = self.rfile.read(size)
                server.asked.append((self.command, self.path, dict(self.headers), self.body))
                route = server.routes.get(self.path.partition("?")[0])
                if route is None:
                    self.answer(404, b"nothing here")
                else:
                    route(self)

            do_POST = do_GET

            def answer(self, status=200, data=b"", **headers):
                self.send_response(status)
                for name, value in {"Content_Length": len(data), **headers}.items():
                    if value is not None:
                        self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(data)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.path)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.port = self._server.server_port
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def serve(self, path, data=PRICE_LIST, status=200, **headers):
        """Always the same answer at a path."""
        self.routes[path] = lambda handler: handler.answer(status, data, **headers)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Certificate:
    """A self-signed certificate of 127.0.0.1 with its key, in one file."""

    def __init__(self):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.datetime.now(datetime.UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = built.public_bytes(serialization.Encoding.PEM).decode()
        handle, self.path = tempfile.mkstemp(suffix=".pem")
        with os.fdopen(handle, "wb") as stream:
            stream.write(self.pem.encode())
            stream.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )

    def close(self):
        os.unlink(self.path)


class _SftpHandle(paramiko.SFTPHandle):
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _SftpFiles(paramiko.SFTPServerInterface):
    """The files of one folder, read only."""

    def __init__(self, server, *_args, **_kwargs):
        self._root = server.root
        super().__init__(server)

    def _real(self, path):
        return self._root / self.canonicalize(path).lstrip("/")

    def _facts(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    stat = lstat = _facts

    def list_folder(self, path):
        try:
            found = []
            for entry in sorted(self._real(path).iterdir()):
                facts = paramiko.SFTPAttributes.from_stat(entry.stat())
                facts.filename = entry.name
                found.append(facts)
            return found
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def open(self, path, flags, attr):
        try:
            stream = self._real(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = _SftpHandle(flags)
        handle.filename = path
        handle.readfile = stream
        return handle


class SftpServer:
    """One account, `buyer` with a password or a key, on the files of `root`."""

    LOGIN, PASSWORD = "buyer", "s3cret-of-sftp"

    def __init__(self, client_key=None):
        self.root = Path(tempfile.mkdtemp())
        self.host_key = paramiko.ECDSAKey.generate()
        self.passwords = []
        server = self

        class Gate(paramiko.ServerInterface):
            def check_auth_password(self, username, password):
                server.passwords.append(password)
                fine = (username, password) == (server.LOGIN, server.PASSWORD)
                return paramiko.AUTH_SUCCESSFUL if fine else paramiko.AUTH_FAILED

            def check_auth_publickey(self, username, key):
                fine = client_key is not None and key.asbytes() == client_key.asbytes()
                return paramiko.AUTH_SUCCESSFUL if fine else paramiko.AUTH_FAILED

            def check_channel_request(self, kind, chanid):
                return paramiko.OPEN_SUCCEEDED

            def get_allowed_auths(self, username):
                return "password,publickey"

        Gate.root = self.root
        self._gate = Gate
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._transports = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                link, _address = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(link)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _SftpFiles)
            self._transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=self._gate())

    def put(self, name, data=PRICE_LIST, age_s=3600):
        """Put a file there that was changed some time ago."""
        return put_file(self.root, name, data, age_s)

    def close(self):
        self._socket.close()
        for transport in self._transports:
            transport.close()


class FtpServer:
    """One account, `buyer`, on the files of `root`; FTPS only when given a certificate.

    is_implicit: encrypted from the first byte on
    answers: how answers begin → how they begin instead
    """

    LOGIN, PASSWORD = "buyer", "s3cret-of-ftp"

    def __init__(self, certificate=None, without=(), is_implicit=False, answers=None):
        logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
        self.root = Path(tempfile.mkdtemp())
        authorizer = DummyAuthorizer()
        authorizer.add_user(self.LOGIN, self.PASSWORD, str(self.root), perm="elr")
        base = TLS_FTPHandler if certificate else FTPHandler

        def respond(handler, text, *args, **kwargs):
            for begin, instead in (answers or {}).items():
                if text.startswith(begin):
                    text = instead + text[len(begin) :]
            base.respond(handler, text, *args, **kwargs)

        def handle(handler):
            if is_implicit:
                handler.secure_connection(handler.ssl_context)
            base.handle(handler)

        vals = {
            "respond": respond,
            "handle": handle,
            "authorizer": authorizer,
            "auth_failed_timeout": 0,
            "proto_cmds": {
                name: facts for name, facts in base.proto_cmds.items() if name not in without
            },
        }
        if certificate:
            vals |= {
                "certfile": certificate.path,
                "tls_control_required": True,
                "tls_data_required": True,
            }
        self._server = FTPServer(("127.0.0.1", 0), type("Handler", (base,), vals), ioloop=IOLoop())
        self.port = self._server.address[1]
        self._is_open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while self._is_open:
            self._server.serve_forever(timeout=0.02, blocking=False)
        self._server.close_all()

    def put(self, name, data=PRICE_LIST, age_s=3600):
        """Put a file there that was changed some time ago."""
        return put_file(self.root, name, data, age_s)

    def close(self):
        self._is_open = False
        self._thread.join(5)


def put_file(folder, name, data=PRICE_LIST, age_s=3600):
    """Write a file that was changed some time ago."""
    path = Path(folder) / name
    path.write_bytes(data)
    stamp = path.stat().st_mtime - age_s
    os.utime(path, (stamp, stamp))
    return path
