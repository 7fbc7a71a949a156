"""Catalogues from a REST API, page by page."""

import hashlib
import json

from ..channels import errors
from ..channels.base import Limits
from ..channels.rest import Paging, RestChannel, RestRequest, dig
from ..channels.web_auth import WebAuth
from .channel_servers import HttpServer
from .web_case import LOOPBACK, WebCase


class TestRestChannel(WebCase):
    def setUp(self):
        super().setUp()
        self.records = [{"sku": f"A-{index}", "price": index / 10} for index in range(25)]

    def fetch(self, request=None, paging=None, path="/items", **kwargs):
        channel = RestChannel(f"{self.server.url}{path}", LOOPBACK, None, request, paging, **kwargs)
        self.addCleanup(channel.close)
        (file,) = channel.look()
        channel.fetch(file, self.target, {})
        return json.loads(self.target.read_bytes())

    def send(self, handler, value, **headers):
        handler.answer(200, json.dumps(value).encode(), **headers)

    def test_one_page_as_it_is_or_under_a_path(self):
        for body, path in (
            (self.records, ""),
            ({"items": self.records, "total": 25}, ""),
            ({"data": {"list": self.records}}, "data.list"),
        ):
            self.server.routes["/items"] = lambda handler, body=body: self.send(handler, body)
            self.assertEqual(self.fetch(RestRequest(records_path=path)), self.records)

    def test_pages(self):
        def route(handler):
            asked = self.parameters(handler)
            start = (int(asked["p"]) - 1) * int(asked["n"])
            self.send(handler, {"items": self.records[start : start + int(asked["n"])]})

        self.server.routes["/items"] = route
        paging = Paging("page", "p", size_parameter="n", size=10)
        self.assertEqual(self.fetch(paging=paging), self.records)
        self.assertEqual(len(self.server.asked), 3, "a short page is the last")
        paging = Paging("page", "p", size_parameter="n", size=5)
        self.assertEqual(self.fetch(paging=paging), self.records, "a full last page")

    def test_a_page_beyond_the_last_may_be_404_or_the_last_again(self):
        def route(handler):
            page = int(self.parameters(handler)["p"])
            if page > 3:
                return handler.answer(404)
            self.send(handler, self.records[(page - 1) * 10 : page * 10])

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("page", "p")), self.records)

        def route(handler):
            page = min(int(self.parameters(handler)["p"]), 3)
            self.send(handler, self.records[(page - 1) * 10 : page * 10])

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("page", "p")), self.records)

    def test_offsets(self):
        def route(handler):
            start = int(self.parameters(handler)["skip"])
            self.send(handler, self.records[start : start + 7])

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("offset", "skip")), self.records)

    def test_cursors_in_a_posted_body(self):
        def route(handler):
            asked = json.loads(handler.body)
            start = int(asked.get("after", 0))
            self.assertEqual(asked["catalogue"], "toys")
            following = start + 10 if start + 10 < 25 else None
            self.send(
                handler,
                {"rows": self.records[start : start + 10], "meta": {"next": following}},
            )

        self.server.routes["/items"] = route
        request = RestRequest("POST", body={"catalogue": "toys"}, records_path="rows")
        paging = Paging("cursor", "after", cursor_path="meta.next")
        self.assertEqual(self.fetch(request, paging), self.records)

    def test_links_of_header_and_body(self):
        def route(handler):
            start = int(self.parameters(handler).get("from", 0))
            link = f'</items?from={start + 10}>; rel="next"' if start < 20 else None
            self.send(handler, self.records[start : start + 10], Link=link)

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("link")), self.records)

        def route(handler):
            start = int(self.parameters(handler).get("from", 0))
            following = f"{self.server.url}/items?from={start + 10}" if start < 20 else None
            self.send(handler, {"v": self.records[start : start + 10], "nextLink": following})

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("link", cursor_path="nextLink")), self.records)

    def test_a_link_to_another_host_gets_no_credentials(self):
        other = HttpServer()
        self.addCleanup(other.close)
        other.routes["/more"] = lambda handler: self.send(handler, self.records[10:])
        self.server.routes["/items"] = lambda handler: self.send(
            handler, self.records[:10], Link=f'<{other.url}/more>; rel="next"'
        )
        channel = RestChannel(
            f"{self.server.url}/items",
            LOOPBACK,
            WebAuth("bearer", secret="tok-secret"),
            paging=Paging("link"),
        )
        channel.fetch(channel.look()[0], self.target, {})
        self.assertEqual(json.loads(self.target.read_bytes()), self.records)
        self.assertNotIn("tok-secret", str(other.asked))
        self.assertIn("tok-secret", str(self.server.asked))

    def assert_told_nothing(self, asked):
        """A request that says what we are and accept, and nothing that a person entered."""
        _method, _path, headers, body = asked
        self.assertNotIn("very-secret", str(asked))
        self.assertFalse(body)
        ours = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}
        self.assertLessEqual({name.lower() for name in headers}, ours)

    def test_headers_and_body_stay_with_their_origin(self):
        other = HttpServer()
        self.addCleanup(other.close)
        other.routes["/more"] = lambda handler: self.send(handler, self.records[10:])
        request = RestRequest(
            "POST", {"X-Tenant-Key": "very-secret"}, {"key": "very-secret", "catalogue": "toys"}
        )
        self.server.routes["/items"] = lambda handler: self.send(
            handler, self.records[:10], Link=f'<{other.url}/more>; rel="next"'
        )
        self.assertEqual(self.fetch(request, Paging("link")), self.records)
        self.assertIn("very-secret", self.server.asked[-1][2]["X-Tenant-Key"])
        self.assertIn(b"very-secret", self.server.asked[-1][3])
        self.assert_told_nothing(other.asked[-1])
        self.assertEqual(other.asked[-1][2]["Accept"], "application/json")
        for status in (302, 307, 308):
            self.server.serve("/items", b"", status, Location=f"{other.url}/more")
            self.assertEqual(self.fetch(request), self.records[10:])
            self.assert_told_nothing(other.asked[-1])
        # back at home, they are sent again
        other.serve("/more", b"", 307, Location=f"{self.server.url}/home")
        self.server.routes["/home"] = lambda handler: self.send(handler, self.records)
        self.assertEqual(self.fetch(request), self.records)
        self.assertIn(b"very-secret", self.server.asked[-1][3])

    def test_a_parameter_that_is_ignored_is_said(self):
        self.server.routes["/items"] = lambda handler: self.send(handler, self.records)
        error = self.refused(
            errors.ContractChanged, "paging-ignored", self.fetch, paging=Paging("page", "pg")
        )
        self.assertIn("pg", str(error))

    def test_no_records_found_names_what_is_there(self):
        self.server.routes["/items"] = lambda handler: self.send(
            handler, {"result": {"products": []}, "links": []}
        )
        error = self.refused(
            errors.ContractChanged, "records-not-found", self.fetch, RestRequest(records_path="x.y")
        )
        self.assertIn("result.products", str(error))
        self.server.routes["/items"] = lambda handler: self.send(handler, {"x": 3})
        self.refused(
            errors.ContractChanged,
            "records-not-objects",
            self.fetch,
            RestRequest(records_path="x"),
        )
        self.server.serve("/items", b"<html>")
        self.refused(errors.ContractChanged, "not-json", self.fetch)

    def test_all_pages_together_stay_below_the_limit(self):
        def route(handler):
            start = int(self.parameters(handler)["skip"])
            self.send(handler, [{"sku": f"A-{start}", "text": "x" * 400}])

        self.server.routes["/items"] = route
        self.refused(
            errors.TooLarge,
            "file-too-large",
            self.fetch,
            paging=Paging("offset", "skip"),
            limits=Limits(max_bytes=5000),
        )
        self.assertLess(len(self.server.asked), 15)

    def test_a_quota_spent_half_way_is_no_short_catalogue(self):
        def route(handler):
            if int(self.parameters(handler)["skip"]) >= 14:
                return handler.answer(429, b"", Retry_After="30")
            start = int(self.parameters(handler)["skip"])
            self.send(handler, self.records[start : start + 7])

        self.server.routes["/items"] = route
        error = self.refused(
            errors.RetryLater, "server-busy", self.fetch, paging=Paging("offset", "skip")
        )
        self.assertEqual(error.seconds, 30)
        self.assertEqual(error.progress["count"], 14)

    def test_it_goes_on_where_a_quota_stopped_it(self):
        quota = {"left": 2}

        def route(handler):
            if not quota["left"]:
                return handler.answer(429)
            quota["left"] -= 1
            start = int(self.parameters(handler).get("after", 0))
            following = start + 5 if start + 5 < 25 else None
            self.send(handler, {"rows": self.records[start : start + 5], "next": following})

        self.server.routes["/items"] = route
        now = [1000.0]

        def fetch(state, path="/items"):
            channel = RestChannel(
                f"{self.server.url}{path}",
                LOOPBACK,
                paging=Paging("cursor", "after", cursor_path="next"),
                now=lambda: now[0],
            )
            return channel.fetch(channel.look()[0], self.target, state)

        def stopped(state):
            quota["left"] = 2
            return self.refused(errors.RetryLater, "server-busy", fetch, state).progress

        first = stopped({})
        self.assertEqual((first["count"], first["cursor"]), (10, 10))
        second = stopped({"partial": first})
        self.assertEqual(second["count"], 20)
        quota["left"] = 9
        got = fetch({"partial": second})
        self.assertEqual(json.loads(self.target.read_bytes()), self.records)
        self.assertEqual(got.sha256, hashlib.sha256(self.target.read_bytes()).hexdigest())
        answered = len(self.server.asked) - 2
        self.assertEqual(answered, 5, "each page once")
        # too old, or of other settings: from the first page
        for wait, path in ((10_000, "/items"), (0, "/items?lang=fr")):
            now[0] = 1000.0
            begun = stopped({})
            now[0] += wait
            quota["left"] = 9
            fetch({"partial": begun}, path)
            self.assertEqual(json.loads(self.target.read_bytes()), self.records)

    def versioned(self, pages, versions, end=404):
        """Serve pages that have an ETag each; `sent` keeps the numbers of those that were sent."""
        sent = []

        def route(handler):
            page = int(self.parameters(handler)["p"])
            if page > len(pages):
                return handler.answer(end)
            tag = versions[page - 1]
            if tag and handler.headers.get("If-None-Match") == tag:
                return handler.answer(304, ETag=tag)
            sent.append(page)
            self.send(handler, pages[page - 1], ETag=tag)

        self.server.routes["/items"] = route
        return sent

    def fetch_again(self, state):
        channel = RestChannel(f"{self.server.url}/items", LOOPBACK, paging=Paging("page", "p"))
        self.addCleanup(channel.close)
        got = channel.fetch(channel.look()[0], self.target, state)
        return got and got.state

    def test_pages_that_did_not_change_are_not_sent_again(self):
        for end in (404, 204):
            pages, versions = [self.records[:10], self.records[10:20]], ['"1"', 'W/"2"']
            sent = self.versioned(pages, versions, end)
            state = self.fetch_again({})
            self.assertEqual(sent, [1, 2])
            state = json.loads(json.dumps(state))  # as it is kept
            self.assertIsNone(self.fetch_again(state))
            self.assertEqual(sent, [1, 2], "nothing was sent again")
            # a price on the second page: the first one's ETag says nothing of it
            pages[1], versions[1] = [{"sku": "A-10", "price": 99}], '"3"'
            state = self.fetch_again(state)
            self.assertEqual(json.loads(self.target.read_bytes()), [*self.records[:10], *pages[1]])
            self.assertEqual(sorted(sent[2:]), [1, 2], "the page that changed was sent once")
            self.assertIsNone(self.fetch_again(state))
            # one page more
            pages.append(self.records[20:])
            versions.append('"4"')
            state = self.fetch_again(state)
            self.assertEqual(len(json.loads(self.target.read_bytes())), 16)
            self.assertIsNone(self.fetch_again(state))

    def test_a_listing_whose_pages_cannot_be_told_is_read_again(self):
        pages, versions = [self.records[:10], self.records[10:20]], ['"1"', None]
        sent = self.versioned(pages, versions)
        state = self.fetch_again({})
        self.assertIsNotNone(self.fetch_again(state))
        self.assertEqual(sent, [1, 2, 1, 2])
        # what was known before is not believed once the server stopped to say it
        versions[1] = '"2"'
        state = self.fetch_again({})
        versions[1] = None
        state |= self.fetch_again(state)
        versions[1] = '"2"'
        self.assertIsNotNone(self.fetch_again(state))

    def test_a_quota_smaller_than_its_pages_still_ends(self):
        """Whether pages changed is asked on from where it was spent, then they are fetched."""
        pages = [[record] for record in self.records[:8]]
        versions = [f'"{number}"' for number in range(8)]
        self.versioned(pages, versions)
        whole = self.server.routes["/items"]
        state = json.loads(json.dumps(self.fetch_again({})))
        self.assertEqual(len(state["versions"]), 9)
        quota = {}

        def route(handler):
            if not quota["left"]:
                return handler.answer(429)
            quota["left"] -= 1
            return whole(handler)

        def finish(size):
            """What comes of it in the end, and after how many tries."""
            kept = state
            for count in range(1, 30):
                quota["left"] = size
                try:
                    return self.fetch_again(kept), count
                except errors.RetryLater as error:
                    self.assertTrue(error.progress, f"try {count} got no further")
                    kept = {**kept, "partial": json.loads(json.dumps(error.progress))}
            self.fail("it never ends")

        self.server.routes["/items"] = route
        self.target.unlink()
        del self.server.asked[:]
        self.assertEqual(finish(5), (None, 2))
        self.assertEqual(len(self.server.asked), 10, "each page once, and the refusal")
        self.assertEqual(finish(1)[0], None)
        pages[6], versions[6] = [{"sku": "A-6", "price": 99}], '"new"'
        for size in (5, 1):
            got, _count = finish(size)
            self.assertIsNotNone(got)
            self.assertEqual(
                json.loads(self.target.read_bytes()), [record for page in pages for record in page]
            )

    def test_a_page_more_that_only_a_header_tells_of_is_seen(self):
        pages = [self.records[:10]]

        def route(handler):
            page = int(self.parameters(handler).get("p", 1))
            links = {}
            if page < len(pages):
                links["Link"] = f'<{self.server.url}/items?p={page + 1}>; rel="next"'
            if handler.headers.get("If-None-Match") == f'"{page}"':
                return handler.answer(304, **links)
            self.send(handler, pages[page - 1], ETag=f'"{page}"', **links)

        self.server.routes["/items"] = route

        def fetch(state):
            channel = RestChannel(f"{self.server.url}/items", LOOPBACK, paging=Paging("link"))
            self.addCleanup(channel.close)
            got = channel.fetch(channel.look()[0], self.target, state)
            return got.state if got else state

        state = fetch({})
        pages.append(self.records[10:])
        fetch(state)
        self.assertEqual(json.loads(self.target.read_bytes()), self.records)

    def test_dates_and_other_settings(self):
        date = "Wed, 01 Oct 2025 07:28:00 GMT"

        def route(handler):
            if handler.headers.get("If-Modified-Since") == date:
                return handler.answer(304)
            self.send(handler, self.records, Last_Modified=date)

        self.server.routes["/items"] = route
        state = {}
        for request in (None, RestRequest(headers={"X-Key": "b"})):
            channel = RestChannel(f"{self.server.url}/items", LOOPBACK, None, request)
            self.addCleanup(channel.close)
            file = channel.look()[0]
            got = channel.fetch(file, self.target, state)
            self.assertTrue(got, "nothing is known of these settings")
            state = got.state
            self.assertIsNone(channel.fetch(file, self.target, state))

    def test_an_empty_listing_is_an_empty_list(self):
        self.server.routes["/items"] = lambda handler: self.send(handler, [])
        self.assertEqual(self.fetch(paging=Paging("page", "p")), [])

    def test_links_to_nowhere(self):
        for link in ("http://[", "file:///etc/passwd"):
            self.server.routes["/items"] = lambda handler, link=link: self.send(
                handler, {"v": self.records[:5], "next": link}
            )
            self.refused(
                errors.ContractChanged, "bad-target", self.fetch,
                paging=Paging("link", cursor_path="next"),
            )  # fmt: skip

    def test_half_an_emoji(self):
        self.server.serve("/items", b'[{"sku": "A-1", "name": "Ours \\ud83d"}]')
        self.assertEqual(self.fetch()[0]["name"], "Ours ?")
        channel = RestChannel(f"{self.server.url}/items", LOOPBACK)
        self.assertIn(b"Ours ?", channel.peek(channel.look()[0], 1000).data)

    def test_one_answer_is_held_in_memory(self):
        self.server.routes["/items"] = lambda handler: self.send(handler, self.records)
        self.patch(self.module_of(RestChannel), "MAX_PAGE_BYTES", 100)
        self.refused(errors.TooLarge, "page-too-large", self.fetch)

    def test_nothing_more_after_a_page(self):
        """204 ends a listing, and begins none."""

        def route(handler):
            page = int(self.parameters(handler)["p"])
            if page > 2:
                return handler.answer(204)
            self.send(handler, self.records[(page - 1) * 5 : page * 5])

        self.server.routes["/items"] = route
        self.assertEqual(self.fetch(paging=Paging("page", "p")), self.records[:10])
        self.server.serve("/items", b"", 204)
        self.refused(errors.RetryLater, "file-not-ready", self.fetch)

    def test_dig(self):
        answer = {"a": [{"b": 1}], "c": {"d": None}}
        self.assertEqual(dig(answer, "a.0.b"), 1)
        for path in ("a.1", "c.d", "c.d.e", "z", "a.b"):
            self.assertIsNone(dig(answer, path), path)
