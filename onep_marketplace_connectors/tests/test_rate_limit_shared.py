import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg2
import redis

from odoo.sql_db import connection_info_for
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.onep_marketplace_connectors.clients.breaker import after_failure, after_success
from odoo.addons.onep_marketplace_connectors.clients.rate_limit import Limit, paced
from odoo.addons.onep_marketplace_connectors.clients.rate_limit_postgres import (
    TABLES,
    PostgresStore,
)
from odoo.addons.onep_marketplace_connectors.clients.rate_limit_redis import RedisStore
from odoo.addons.onep_marketplace_connectors.clients.rate_limit_shared import SharedStore

WORKER = Path(__file__).with_name("limits_worker.py")
WORKERS = 4


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """A Redis of the test's own, which it may kill."""

    def __init__(self):
        self.port = free_port()
        self.client = redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1)
        self.process = None

    def start(self):
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [shutil.which("redis-server"), "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                self.client.ping()
                return self
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class ExactServer:
    """A marketplace with one token bucket, counted to the microsecond as calls arrive."""

    def __init__(self, rate, burst):
        self.served, self.refused = 0, 0
        self._level, self._at = burst, None
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with lock:
                    now = time.monotonic()
                    elapsed = now - (outer._at or now)
                    outer._level = min(burst, outer._level + elapsed * rate)
                    outer._at = now
                    is_granted = outer._level >= 1
                    if is_granted:
                        outer._level -= 1
                        outer.served += 1
                    else:
                        outer.refused += 1
                self.send_response(200 if is_granted else 429)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@tagged("standard", "post_install", "-at_install")
class TestSharedByProcesses(BaseCase):
    """Real processes, a real PostgreSQL, a real Redis."""

    def setUp(self):
        super().setUp()
        _name, info = connection_info_for(get_db_name())
        self.schema = f"limits_{uuid.uuid4().hex[:8]}"
        self.run_sql(info, f"CREATE SCHEMA {self.schema}")
        self.addCleanup(self.run_sql, info, f"DROP SCHEMA {self.schema} CASCADE")
        self.postgres = {**info, "options": f"-c search_path={self.schema}"}
        self.run_sql(self.postgres, TABLES)

    def run_sql(self, info, statement):
        connection = psycopg2.connect(**info)
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(statement)
        connection.close()

    def store(self):
        store = PostgresStore(lambda: psycopg2.connect(**self.postgres))
        self.addCleanup(store.close)
        return store

    def redis(self):
        server = RedisServer().start()
        self.addCleanup(server.kill)
        return server

    def hammer(self, limit, seconds, meanwhile=lambda: None, **options):
        """Grants [s since the start] of several workers, and how often the server refused."""
        options |= {"limit": list(limit), "seconds": seconds, "postgres": self.postgres}
        workers = [
            subprocess.Popen(
                [sys.executable, str(WORKER), json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _worker in range(WORKERS)
        ]
        for worker in workers:
            self.assertEqual(worker.stdout.readline(), "ready\n", worker.poll())
        start = time.time() + 0.3
        for worker in workers:
            worker.stdin.write(f"{start}\n")
            worker.stdin.flush()
        time.sleep(max(0.0, start - time.time()))
        meanwhile()
        granted, refused = [], 0
        for worker in workers:
            out, err = worker.communicate(timeout=seconds + 30)
            self.assertEqual(worker.returncode, 0, err)
            answer = json.loads(out)
            granted += [at - start for at in answer["granted"]]
            refused += answer["refused"]
        return sorted(granted), refused

    def assert_within(self, granted, rate, burst):
        """In no window more calls than the quota allows."""
        for first, at in enumerate(granted):
            for count, until in enumerate(granted[first:], start=1):
                self.assertLessEqual(count, burst + rate * (until - at) + 1e-6)

    def test_one_bucket_in_redis(self):
        self.check_one_bucket(redis=self.redis().port)

    def test_one_bucket_in_postgresql(self):
        self.check_one_bucket()

    def check_one_bucket(self, **options):
        """Four processes get what one would, not more and hardly less."""
        rate, burst, seconds = 20, 20, 6.0
        granted, _refused = self.hammer((rate, burst), seconds, **options)
        self.assert_within(granted, rate, burst)
        own_burst = paced(Limit(rate, burst))[1]
        self.assertGreaterEqual(len(granted), 0.95 * (rate * seconds + own_burst), granted)

    def test_a_server_that_counts_exactly_never_refuses_redis(self):
        self.check_exact_server(20, 20, 8.0, redis=self.redis().port)

    def test_a_server_that_counts_exactly_never_refuses_postgresql(self):
        self.check_exact_server(20, 20, 8.0)

    def test_a_server_that_saves_nothing_up_never_refuses(self):
        self.check_exact_server(0.25, 1, 20.0, redis=self.redis().port)

    def check_exact_server(self, rate, burst, seconds, **options):
        """The server's own bucket, with the real burst: no 429, and at least 95 % of the rate."""
        server = ExactServer(rate, burst)
        self.addCleanup(server.stop)
        _granted, refused = self.hammer((rate, burst), seconds, url=server.url, **options)
        self.assertEqual((server.refused, refused), (0, 0))
        self.assertGreaterEqual(server.served, 0.95 * rate * seconds)

    def test_redis_stopped_in_mid_run(self):
        """Killed, restarted empty: the quota is never exceeded, and used again after each pause."""
        server = self.redis()
        rate, burst, seconds = 20, 10, 16.0

        def kill_and_restart():
            time.sleep(4)
            server.kill()
            time.sleep(2)
            server.start()

        granted, _refused = self.hammer(
            (rate, burst), seconds, kill_and_restart, redis=server.port, trust=1.0, ask_again=4.0
        )
        self.assert_within(granted, rate, burst)
        place = self.store().place()
        self.assertEqual((place.name, place.epoch), ("redis", 3), "left once, came back once")
        after_loss = [at for at in granted if 6.5 < at < 8]
        self.assertGreater(len(after_loss), 0.8 * rate * 1.5, "PostgreSQL counts meanwhile")
        at_the_end = [at for at in granted if at > seconds - 3]
        self.assertGreater(len(at_the_end), 0.9 * rate * 3)
        self.assertGreater(len(granted), 0.95 * rate * (seconds - 2 * 1.1) - rate)

    def test_learnt_rate_is_shared_and_survives_redis(self):
        server = self.redis()
        limit = Limit(2, 4)
        first, second = (
            SharedStore(self.store(), RedisStore(server.client, "test"), trust=0.0)
            for _worker in range(2)
        )
        second.take({"k": (limit, 1.0)})
        first.learn("k", 20.0)
        while not (wait := second.take({"k": (limit, 1.0)})):
            pass
        self.assertLessEqual(wait, 1 / 19, "twenty a second, where it was two")
        self.assertEqual(second.taught("k"), 20)
        server.kill()
        with self.assertLogs("odoo.addons.onep_marketplace_connectors", "WARNING"):
            wait = second.take({"k": (limit, 1.0)})
        self.assertLess(wait, 1.0, "a token of 20 a second, after the pause")
        third = SharedStore(self.store(), None)
        self.assertEqual(third.taught("k"), 20)

    def test_a_redis_that_forgot_does_not_grant_a_new_burst(self):
        server = self.redis()
        store = SharedStore(self.store(), RedisStore(server.client, "test"))
        limit = Limit(0.01, 3)
        for _call in range(2):
            self.assertEqual(store.take({"k": (limit, 1.0)}), 0)
        server.client.flushall()
        with self.assertLogs("odoo.addons.onep_marketplace_connectors", "WARNING"):
            self.assertGreater(store.take({"k": (limit, 1.0)}), 100)
        self.assertEqual(store.place, "postgres")

    def test_a_quota_of_some_calls_a_day_outlives_redis(self):
        """A test of the connection would have to wait for hours after each restart."""
        server = self.redis()
        store = SharedStore(self.store(), RedisStore(server.client, "test"))
        slow, usual = Limit(2 / 3600, 3), Limit(10, 5)
        self.assertEqual(store.take({"slow": (slow, 1.0), "usual": (usual, 1.0)}), 0)
        server.client.flushall()
        other = SharedStore(self.store(), None)
        self.assertEqual(other.take({"slow": (slow, 1.0)}), 0, "one was made, two are left")
        self.assertAlmostEqual(store.peek({"slow": slow})["slow"].tokens, 1.0, delta=0.1)
        store.empty("slow", slow, 600)
        self.assertGreater(other.take({"slow": (slow, 1.0)}), 600)

    def test_an_idle_system_keeps_its_tokens_when_redis_is_restarted(self):
        server = self.redis()
        store = SharedStore(self.store(), RedisStore(server.client, "test"))
        limit = Limit(0.1, 3)
        store.take({"k": (limit, 1.0)})
        self.run_sql(
            self.postgres, "UPDATE onep_marketplace_limits_place SET seen_at = seen_at - 900"
        )
        server.client.flushall()
        with self.assertLogs("odoo.addons.onep_marketplace_connectors", "WARNING"):
            self.assertEqual(store.take({"k": (limit, 1.0)}), 0)

    def test_breakers_are_shared(self):
        server = self.redis()
        for place in (RedisStore(server.client, "test"), None):
            self.run_sql(self.postgres, "TRUNCATE onep_marketplace_limits_place")
            first, second = (SharedStore(self.store(), place) for _worker in range(2))
            first.update("k", lambda circuit, now: after_failure(circuit, now, "HTTP 503"))
            second.update("k", lambda circuit, now: after_failure(circuit, now, "HTTP 502"))
            circuit, now = first.read(["k", "other"])["k"]
            self.assertEqual((circuit.failures, circuit.cause), (2, "HTTP 502"))
            self.assertAlmostEqual(now, time.time(), delta=5)
            second.update("k", after_success)
            self.assertEqual(first.read(["k"]), {})

    def test_breaker_updates_of_competing_workers_are_all_counted(self):
        server = self.redis()
        for place in (True, False):
            stores = [
                SharedStore(self.store(), RedisStore(server.client, "test") if place else None)
                for _worker in range(4)
            ]
            self.run_sql(self.postgres, "TRUNCATE onep_marketplace_limits_place")

            def fail(store):
                for _call in range(25):
                    store.update("c", lambda circuit, now: after_failure(circuit, now, "x"))

            threads = [threading.Thread(target=fail, args=(store,)) for store in stores]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(stores[0].read(["c"])["c"][0].failures, 100)
            stores[0].update("c", after_success)

    def test_several_buckets_all_or_none(self):
        server = self.redis()
        free, spent = Limit(0.01, 5), Limit(0.01, 2)
        for place in (RedisStore(server.client, "test"), None):
            self.run_sql(self.postgres, "TRUNCATE onep_marketplace_limits_place")
            store = SharedStore(self.store(), place)
            self.assertEqual(store.take({"spent": (spent, 1.0)}), 0)
            store.empty("spent", spent, 50)
            wait = store.take({"free": (free, 1.0), "spent": (spent, 1.0)})
            self.assertAlmostEqual(wait, 50 + 1 / paced(spent)[0], delta=2)
            levels = store.peek({"free": free, "spent": spent})
            self.assertAlmostEqual(levels["free"].tokens, paced(free)[1], places=2)
            self.assertLess(levels["spent"].tokens, 0)
            self.assertEqual(store.take({"free": (free, 4.0)}), 0)
