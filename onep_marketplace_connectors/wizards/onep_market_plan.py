from odoo import api, fields, models
from odoo.exceptions import UserError


class OnepMarketPlan(models.TransientModel):
    """How long a sweep of these marketplaces takes at the quotas of now, before it starts."""

    _name = "onep.market.plan"
    _description = "Plan of a Sweep"

    marketplace_ids = fields.Many2many("onep.marketplace", required=True, readonly=True)
    place_ids = fields.One2many("onep.market.plan.place", "plan_id", readonly=True)
    line_ids = fields.One2many("onep.market.plan.line", "plan_id", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for plan in plans:
            # the plan itself is worked out as superuser
            plan.marketplace_ids.check_access("read")
            for marketplace in plan.marketplace_ids:
                plan._plan(marketplace)
        return plans

    def _plan(self, marketplace):
        """Work out one marketplace; one that is not set up says so and stays out."""
        Place = self.env["onep.market.plan.place"]
        common = {"plan_id": self.id, "marketplace_id": marketplace.id}
        place = marketplace.sudo()
        try:
            steps, limits = place._get_steps()
        except UserError as error:
            Place.create(common | {"message": error.args[0]})
            return
        place.env.flush_all()
        counts = place._count_due(place._get_due(place._get_wanted(), steps), steps)
        by_operation = place._get_seconds(counts, steps, limits)
        longest = max(by_operation, key=by_operation.get, default=None)
        room = place._get_room_today(counts, steps, limits)
        seconds = by_operation.get(longest, 0.0)
        Place.create(
            common
            | {
                "asked_count": counts["all"],
                "seconds": seconds,
                "limiting": longest if seconds else False,
                "today_count": counts["all"] if room is None else room,
                "message": self._get_words(counts["all"], seconds, longest, room),
            }
        )
        self.env["onep.market.plan.line"].create(
            [
                common
                | {
                    "step": step.value,
                    "asked_count": counts.get(step.value, 0),
                    "operation": operation,
                    "call_count": self._get_calls(spec, operation, counts.get(step.value, 0)),
                    "rate": limits[operation].rate if operation in limits else 0.0,
                    "seconds": spec.seconds(counts.get(step.value, 0), limits)[operation],
                    "is_limiting": operation == longest and bool(seconds),
                }
                for step, spec in steps.items()
                for operation in spec.operations
            ]
        )

    @api.model
    def _get_calls(self, spec, operation, count):
        return round(-(-count // spec.batch_size) * spec.operations[operation])

    @api.model
    def _get_words(self, count, seconds, longest, room):
        """The plan of one marketplace, in a sentence."""
        if not count:
            return self.env._("Nothing is due: every figure is younger than the settings ask.")
        if not seconds:
            return self.env._("EANs due: %(count)s; no quota holds them up.", count=count)
        words = self.env._(
            "%(count)s EANs take %(time)s at the present quotas; %(operation)s is what limits.",
            count=count,
            time=self._get_time_words(seconds),
            operation=longest,
        )
        if room is not None:
            words += " " + self.env._(
                "%(room)s of them fit in what is left of today; the most valuable come first.",
                room=room,
            )
        return words

    @api.model
    def _get_time_words(self, seconds):
        minutes = -(-int(seconds) // 60)
        if minutes < 60:
            return self.env._("%(minutes)s min", minutes=max(minutes, 1))
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            return self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
        return self.env._("%(days)s days %(hours)s h", days=hours // 24, hours=hours % 24)

    def action_start(self):
        """Start the sweeps as planned."""
        self.ensure_one()
        return self.marketplace_ids.action_sync()
