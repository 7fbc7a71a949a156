from odoo.tests import BaseCase, tagged

from odoo.addons.onep_marketplace_connectors.clients.candidates import (
    BUNDLE,
    PARENT,
    Candidate,
    pack_of,
    rank,
    settle,
)
from odoo.addons.onep_marketplace_connectors.clients.draft import Draft
from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects


@tagged("standard", "post_install", "-at_install")
class TestCandidates(BaseCase):
    def order(self, *candidates, **words):
        """Ids in the order ranked, and whether a person should choose."""
        ranking = rank(candidates, **words)
        return [one.external_id for one in ranking.candidates], ranking.is_doubtful

    def test_parents_and_bundles_come_last(self):
        found = self.order(
            Candidate("parent", kind=PARENT, name="Lampe Exemplia", sales_rank=1),
            Candidate("bundle", kind=BUNDLE, name="Lampe Exemplia", sales_rank=2),
            Candidate("lamp", name="Autre chose", sales_rank=90_000),
            name="Lampe Exemplia",
        )
        self.assertEqual(found, (["lamp", "bundle", "parent"], False))

    def test_the_title_decides(self):
        found = self.order(
            Candidate("case", name="Coque pour téléphone Orion 12", sales_rank=10),
            Candidate("phone", name="Exemplia ORION 12 128 Go noir", sales_rank=5000),
            name="Orion 12 128Go Noir",
            brand="Exemplia",
        )
        self.assertEqual(found, (["phone", "case"], False))

    def test_the_brand_decides(self):
        found = self.order(
            Candidate("other", name="Cafetière 1 L", brand="Autre"),
            Candidate("ours", name="Cafetière 1 L", brand="Éxemplia"),
            name="Cafetière 1 l",
            brand="EXEMPLIA",
        )
        self.assertEqual(found, (["ours", "other"], False))

    def test_two_alike_are_doubtful(self):
        alike = [Candidate("a", name="Lampe de bureau"), Candidate("b", name="Lampe de bureau")]
        self.assertEqual(self.order(*alike, name="Lampe de bureau"), (["a", "b"], True))

    def test_the_pack_decides_and_is_doubted_when_it_differs(self):
        one = Candidate("one", name="Ampoule LED E27")
        six = Candidate("six", name="Ampoule LED E27 - lot de 6")
        self.assertEqual(self.order(six, one, name="Ampoule LED E27")[0], ["one", "six"])
        self.assertEqual(self.order(six, one, name="Ampoule LED E27 x6")[0], ["six", "one"])
        self.assertEqual(self.order(six, name="Ampoule LED E27"), (["six"], True))
        self.assertEqual(self.order(six, name="Lot de 6 ampoules LED E27"), (["six"], False))

    def test_stated_pack_is_used_where_the_title_is_silent(self):
        pair = Candidate("pair", name="Ampoule", pack_quantity=2)
        self.assertTrue(self.order(pair, name="Ampoule")[1])
        wrong = Candidate("wrong", name="Ampoule lot de 6", pack_quantity=1)
        self.assertFalse(self.order(wrong, name="Ampoule lot de 6")[1])

    def test_without_words_the_rank_decides_when_it_is_clear(self):
        best, second = Candidate("a", sales_rank=100), Candidate("b", sales_rank=1000)
        self.assertEqual(self.order(second, best), (["a", "b"], False))
        near = Candidate("c", sales_rank=120)
        self.assertEqual(self.order(near, best), (["a", "c"], True))
        self.assertTrue(self.order(Candidate("d"), best)[1])

    def test_a_person_s_choice_stands(self):
        ranking = rank(
            [Candidate("a", name="Lampe", sales_rank=1), Candidate("b", kind=PARENT)],
            name="Lampe",
            chosen="b",
        )
        self.assertEqual(ranking.candidates[0].external_id, "b")
        self.assertEqual(ranking.reasons, ("chosen", "less-alike"))
        self.assertFalse(ranking.is_doubtful)

    def test_a_choice_that_is_gone_is_no_choice(self):
        self.assertEqual(self.order(Candidate("a"), chosen="gone"), (["a"], False))

    def test_packs_in_titles(self):
        packs = {
            "Lot de 3 ampoules": 3,
            "Pack of 12 batteries": 12,
            "Set 4 tournevis": 4,
            "Piles AA (x8)": 8,
            "6er-Pack Socken": 6,
            "Shampooing 6 x 250 ml": 6,
            "Batterie 3-pack": 3,
        }
        for title, pack in packs.items():
            self.assertEqual(pack_of(title), pack, title)
        for title in (
            None,
            "",
            "Table 120 x 80 cm",
            "Écran 1920 x 1080",
            "Puzzle 500 pièces",
            "Pack 500 g de café",
            "Set 20 cm",
            "Ampoule LED E27",
        ):
            self.assertIsNone(pack_of(title), title)

    def test_answers_and_candidates(self):
        draft = Draft(Step.IDENTITY, Subjects(["1", "2"], name=["Lampe", None]))
        settle(
            draft,
            {
                "1": [
                    Candidate("b", name="Lampe lot de 2", sales_rank=5),
                    Candidate("a", name="Lampe", sales_rank=9, category_code="12"),
                    Candidate("a", name="Lampe", sales_rank=9, category_code="12"),
                ],
                "2": [],
            },
        )
        answer = draft.freeze()
        self.assertEqual(answer.table.external_id, ("a", None))
        self.assertEqual(answer.table.state, ("found", "not_found"))
        self.assertEqual(answer.table.candidate_count, (2, 0))
        self.assertEqual(answer.table.category_code, ("12", None))
        self.assertEqual(answer.candidates.external_id, ("a", "b"))
        self.assertEqual(answer.candidates.position, (1, 2))
        self.assertEqual(answer.candidates.reason, ("most-alike", "pack-differs"))
        self.assertEqual(answer.candidates.pack_quantity, (None, 2))
