from datetime import timedelta

import numpy as np

from odoo import models
from odoo.tools import formatLang

from ..sql import purchase_proposal
from .counted import counted
from .offer_values import format_number
from .onep_opportunity import GRADES

#: Candidates that are looked at for each line that is wanted, and at least: what our stock covers
#: or the budget refuses is passed over.
LOOKED_AT_PER_LINE = 10
LEAST_LOOKED_AT = 500
#: Articles that meet a rule are counted up to here when nothing is proposed.
MOST_COUNTED = 10_000


class OnepPurchaseProposalRule(models.Model):
    """What a rule finds worth buying today, and the list that it makes of it."""

    _inherit = "onep.purchase.proposal.rule"

    def _propose(self, today):
        """Make the day's list, proposed and with a to-do for the buyer.

        :return: the list, empty when there is nothing to propose; what came of it, in words
        """
        nothing = self.env["onep.picking.list"]
        left = self._get_budget_left()
        if left is not None and self.currency_id.compare_amounts(left, 0.0) <= 0:
            return nothing, self.env._("The week's budget is used up.")
        candidates = self._find_candidates(today)
        if not candidates:
            return nothing, self._get_why_nothing()
        picking = nothing.create(self._prepare_list_vals(today))
        choice = self._choose(picking, candidates, left)
        if not choice.taken:
            picking.unlink()
            return nothing, counted(
                len(candidates),
                self.env._(
                    "Nothing of 1 article: our stock covers it, the supplier is short of it, it "
                    "earns nothing or exceeds the storage or the budget that is left."
                ),
                self.env._(
                    "Nothing of %(count)s articles: our stock covers them, the supplier is short "
                    "of them, they earn nothing or exceed the storage or the budget that is left.",
                    count=len(candidates),
                ),
            )
        picking._create_lines(choice.taken, choice.quantity_vals)
        picking._check_lines()
        picking._set_state("proposed")
        amount = formatLang(self.env, picking.budget, currency_obj=self.currency_id)
        count = len(choice.taken)
        result = counted(
            count,
            self.env._("%(list)s: 1 line for %(amount)s.", list=picking.name, amount=amount),
            self.env._(
                "%(list)s: %(count)s lines for %(amount)s.",
                list=picking.name,
                count=count,
                amount=amount,
            ),
        )
        picking.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=today,
            summary=counted(
                count,
                self.env._("Morning proposal: 1 line for %(amount)s", amount=amount),
                self.env._(
                    "Morning proposal: %(count)s lines for %(amount)s", count=count, amount=amount
                ),
            ),
            user_id=self.user_id.id,
        )
        picking.message_post(body=self._get_origin_text())
        return picking, result

    def _prepare_list_vals(self, today):
        return {
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "cover_days": self.cover_days,
            "proposal_rule_id": self.id,
            "proposed_on": today,
        }

    def _get_origin_text(self):
        """What the list's chatter says of where it comes from."""
        if self.profile_id:
            return self.env._(
                "Proposed by the rule “%(rule)s”, scored by “%(profile)s”.",
                rule=self.name,
                profile=self.profile_id.name,
            )
        return self.env._("Proposed by the rule “%(rule)s”.", rule=self.name)

    def _find_candidates(self, today):
        """The best opportunities of the rule that nobody is buying, more than lines are wanted.

        An offer is there once, at its best score.
        """
        self.env.flush_all()
        week_ago = today - timedelta(days=7)
        offers = purchase_proposal.engaged_offers(self.company_id.id, self.id, week_ago)
        products = purchase_proposal.engaged_products(self.company_id.id, self.id, week_ago)
        domain = [
            *self._get_domain(),
            ("supplier_offer_id", "not in", offers),
            "|",
            ("product_id", "=", False),
            ("product_id", "not in", products),
        ]
        ranked = self._rank(domain, max(LOOKED_AT_PER_LINE * self.maximum_lines, LEAST_LOOKED_AT))
        seen, kept = set(), []
        for opportunity in ranked:
            article = opportunity.product_id.id or -opportunity.supplier_offer_id.id
            if article not in seen:
                seen.add(article)
                kept.append(opportunity.id)
        return ranked.browse(kept)

    def _rank(self, domain, most):
        """The best opportunities of a domain by the rule's score, best first.

        By its profile's own score when it has one, else by the score that is kept.
        """
        Opportunity = self.env["onep.opportunity"]
        if self.profile_id:
            return Opportunity._rank_by_profile(
                domain, self.profile_id, most, self.minimum_score, self.minimum_grade or "E"
            )
        domain = [*domain, ("score", ">=", self.minimum_score)]
        if self.minimum_grade:
            wanted = [grade for grade, _label in GRADES if grade <= self.minimum_grade]
            domain.append(("grade", "in", wanted))
        return Opportunity.search(domain, order="score DESC NULLS LAST, id", limit=most)

    def _get_domain(self):
        """What the rule asks of an opportunity beside its score."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("margin_known", "=", True),
            ("is_suspicious", "=", False),
            ("roi", ">=", self.minimum_roi),
            ("supplier_offer_id.is_present", "=", True),
        ]
        if self.partner_id:
            domain.append(("partner_id", "child_of", self.partner_id.commercial_partner_id.id))
        if self.marketplace_id:
            domain.append(("marketplace_id", "=", self.marketplace_id.id))
        return domain

    def _get_why_nothing(self):
        """Why there is no candidate, in words."""
        known = len(self._rank(self._get_domain(), MOST_COUNTED))
        if known:
            return counted(
                known,
                self.env._(
                    "The only one that meets the rule is in an open list, on order or was refused "
                    "this week."
                ),
                self.env._(
                    "All %(count)s that meet the rule are in an open list, on order or were "
                    "refused this week.",
                    count=known,
                ),
            )
        score = format_number(self.env, self.minimum_score, most=1)
        if self.minimum_grade or self.minimum_roi:
            return self.env._("Nothing above %(score)s points that meets the rule.", score=score)
        return self.env._("Nothing above %(score)s points.", score=score)

    def _choose(self, picking, candidates, left):
        """The ``Choice`` of candidates to keep: needed, orderable, within lines and budget.

        :param left: amount that may still be spent this week, None without a limit
        """
        return candidates._choose_within(
            self.company_id,
            self.cover_days,
            np.inf if left is None else left,
            self.maximum_lines,
            picking._get_storage(),
        )
