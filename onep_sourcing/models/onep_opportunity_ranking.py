import numpy as np

from odoo import models

from odoo.addons.onep_margin.engine import score as scoring

from ..planning import signals
from ..sql import signal_source

#: Opportunities that are scored in one statement.
PAGE = 50_000
#: A score is compared as its badge shows it.
SCORE_DECIMALS = 1


class OnepOpportunity(models.Model):
    """The best opportunities by any score profile, whatever profile their marketplace uses."""

    _inherit = "onep.opportunity"

    def _rank_by_profile(self, domain, profile, most, minimum_score=0.0, worst_grade="E"):
        """Return the best opportunities of a domain by a profile's own score, best first.

        Scored now, in columns, from the signals that the last evaluation kept.

        :param most: opportunities at most
        :param minimum_score, worst_grade: below which none is returned
        """
        engine_profile = profile.sudo()._get_engine_profile()
        worst = scoring.GRADES.index(worst_grade)
        self.flush_model()
        among = self._search(domain).subselect()
        ids, points = np.empty(0, np.int64), np.empty(0)
        after = 0
        while rows := self.env.execute_query(signal_source.select_page(among, after, PAGE)):
            after = rows[-1][0]
            found, scored = _score_page(rows, engine_profile)
            rounded = np.round(scored.score, SCORE_DECIMALS)
            kept = (rounded >= minimum_score) & (scored.grade >= 0) & (scored.grade <= worst)
            ids = np.concatenate((ids, found[kept]))
            points = np.concatenate((points, rounded[kept]))
            best = np.lexsort((ids, -points))[:most]
            ids, points = ids[best], points[best]
        return self.browse(ids.tolist())


def _score_page(rows, profile):
    """Return the ids (n) of a page of opportunities and their ``engine.score.ScoreResult``."""
    ids = np.array([row[0] for row in rows], np.int64)
    columns = np.array([row[1:] for row in rows], np.float64).T
    sources = dict(zip((*signals.SOURCES, *signal_source.FLAGS), columns, strict=True))
    flags = {name: sources.pop(name) for name in signal_source.FLAGS}
    return ids, scoring.score(signals.gather(sources), profile, flags, with_parts=False)
