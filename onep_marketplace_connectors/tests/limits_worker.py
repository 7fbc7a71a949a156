"""One worker of the multi-process tests: takes tokens as fast as it is allowed, then reports.

Run as a program, without Odoo: ``python limits_worker.py '{"seconds": 5, …}'``. A real worker gives
itself back to the queue instead of sleeping; here the sleep stands for that.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path


def load_clients():
    """The addon's pure package, by place."""
    folder = Path(__file__).resolve().parents[1] / "clients"
    spec = importlib.util.spec_from_file_location(
        "onep_clients", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["onep_clients"] = module
    spec.loader.exec_module(module)


def make_store(options):
    """The shared store, on the database and the Redis that the test names."""
    import psycopg2
    from onep_clients.rate_limit_postgres import PostgresStore
    from onep_clients.rate_limit_redis import RedisStore
    from onep_clients.rate_limit_shared import SharedStore

    server = None
    if options.get("redis"):
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        server = RedisStore(
            redis.Redis(
                port=options["redis"],
                socket_timeout=1,
                socket_connect_timeout=1,
                retry=Retry(NoBackoff(), 0),
            ),
            "test",
        )
    return SharedStore(
        PostgresStore(lambda: psycopg2.connect(**options["postgres"])),
        server,
        trust=options.get("trust", 1.0),
        ask_again=options.get("ask_again", 3.0),
    )


def main(options):
    load_clients()
    from onep_clients.errors import RetryLater
    from onep_clients.rate_limit import Limit, RateLimiter
    from onep_clients.transport import Transport

    limits = {"op": Limit(*options["limit"])}
    limiter = RateLimiter(make_store(options), "account", limits)
    transport = Transport(watch=limiter) if options.get("url") else None
    granted, refused = [], 0
    # connected and warm before the clock runs: all start at the moment the test names
    limiter.limit("op")
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    until = start + options["seconds"]
    time.sleep(max(0.0, start - time.time()))
    while time.time() < until:
        try:
            limiter.reserve("op")
        except RetryLater as error:
            time.sleep(max(0.0, min(error.seconds, until - time.time())))
            continue
        if transport:
            try:
                answer = transport.request("GET", options["url"], operation="op")
            except RetryLater as error:
                time.sleep(max(0.0, min(error.seconds, until - time.time())))
                continue
            refused += answer.status_code == 429
        granted.append(time.time())
    print(json.dumps({"granted": granted, "refused": refused}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
