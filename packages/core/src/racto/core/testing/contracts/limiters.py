"""The contract of rate limiters: a budget is never exceeded, and a refusal costs nothing."""

from __future__ import annotations

import math
from typing import ClassVar

import pytest

from racto.core.protocols.limiters import RateLimiter, Reservation, Reserving

from .contract import Contract
from .voices import Voice


class RateLimiterContract(Contract, subject="limiter", protocol=RateLimiter, powers=(Reserving,)):
    """All laws of a rate limiter.

    Give a fixture ``limiter``: new, with a budget of ``self.budget`` tokens a user over a window
    of at least a minute, so that nothing returns while a law runs.

    Attributes:
        budget: Tokens a user may use in a window; at least 10.
    """

    budget: ClassVar[int] = 20

    def test_budget_is_used_up(self, limiter: RateLimiter, voice: Voice) -> None:
        """What is granted is taken off; the budget can be used to its last token.

        If this fails: check the comparison at the limit, and that the amount is taken once.
        """
        assert voice(limiter, "get_remaining", "ann") == self.budget
        assert voice(limiter, "check_and_consume", "ann", self.budget - 3) is True
        assert voice(limiter, "get_remaining", "ann") == 3
        assert voice(limiter, "check_and_consume", "ann", 3) is True
        assert voice(limiter, "get_remaining", "ann") == 0
        assert voice(limiter, "check_and_consume", "ann") is False

    def test_refusal_costs_nothing(self, limiter: RateLimiter, voice: Voice) -> None:
        """A request that does not fit is refused and leaves the budget as it was.

        If this fails: check and take in one atomic step; adding first and looking afterwards
        lets refused requests eat the budget.
        """
        voice(limiter, "check_and_consume", "ann", self.budget - 5)
        # Five times more than is left, so that even a small leak adds up.
        for _ in range(5):
            assert voice(limiter, "check_and_consume", "ann", 6) is False
        assert voice(limiter, "get_remaining", "ann") == 5
        assert voice(limiter, "check_and_consume", "ann", 5) is True

    def test_users_are_apart(self, limiter: RateLimiter, voice: Voice) -> None:
        """One user's use does not touch another's, whatever characters the ids have.

        If this fails: check how keys are built from ids.
        """
        voice(limiter, "check_and_consume", "ann", self.budget)
        # These would meet in keys that are joined by a colon or matched by pattern.
        for user in ("bob", "ann:1", "*", "ANN"):
            assert voice(limiter, "get_remaining", user) == self.budget

    @pytest.mark.parametrize("tokens", [0, -1])
    def test_amounts_are_positive(self, limiter: RateLimiter, voice: Voice, tokens: int) -> None:
        """Zero and negative amounts raise ``ValueError`` and refill nothing.

        If this fails: check the amount first.
        """
        # Something must be in use, or a refill could not be seen.
        voice(limiter, "check_and_consume", "ann", 5)
        for method in ("check_and_consume", "retry_after"):
            with pytest.raises(ValueError, match=r".+"):
                voice(limiter, method, "ann", tokens)
        assert voice(limiter, "get_remaining", "ann") == self.budget - 5

    def test_retry_after_says_when(self, limiter: RateLimiter, voice: Voice) -> None:
        """0.0 when it fits now, seconds when it must wait, infinity when it never fits.

        If this fails: compute the wait from when enough of the window's use has passed.
        """
        assert voice(limiter, "retry_after", "ann", self.budget) == 0.0
        voice(limiter, "check_and_consume", "ann", self.budget)
        wait = voice(limiter, "retry_after", "ann", 1)
        # How long depends on the window, which only the implementation knows.
        assert 0.0 < wait < math.inf
        assert voice(limiter, "retry_after", "ann", self.budget + 1) == math.inf

    def test_reset_restores_one_user(self, limiter: RateLimiter, voice: Voice) -> None:
        """A reset restores one user's budget; ``*`` names nobody but itself.

        If this fails: delete one key, never by pattern.
        """
        for user in ("ann", "bob"):
            voice(limiter, "check_and_consume", user, 7)
        voice(limiter, "reset", "*")
        assert voice(limiter, "get_remaining", "bob") == self.budget - 7
        voice(limiter, "reset", "ann")
        voice(limiter, "reset", "nobody")
        assert voice(limiter, "get_remaining", "ann") == self.budget
        assert voice(limiter, "get_remaining", "bob") == self.budget - 7

    def test_budget_holds_under_load(self, limiter: RateLimiter, voice: Voice) -> None:
        """Of many requests at once exactly as many are granted as fit.

        If this fails: check and take must be one atomic step on the server, in a script for
        example, not two commands.
        """
        # Twice the budget at once: over-admission shows as one grant too many.
        answers = voice.together(limiter, "check_and_consume", [("ann", 1)] * (self.budget * 2))
        assert answers.count(True) == self.budget
        assert voice(limiter, "get_remaining", "ann") == 0

    def test_heavy_requests_do_not_starve_light_ones(
        self, limiter: RateLimiter, voice: Voice
    ) -> None:
        """Refused heavy requests do not keep light ones out that arrive at the same time.

        If this fails: a refused request's amount is visible for a moment; see the law above.
        """
        heavy: list[tuple[str, int]] = [("ann", self.budget + 1)] * 20
        light: list[tuple[str, int]] = [("ann", 1)] * self.budget
        # Interleaved, so that light requests arrive while heavy ones are being refused.
        mixed = [call for pair in zip(heavy, light, strict=False) for call in pair]
        answers = voice.together(limiter, "check_and_consume", mixed)
        assert answers.count(True) == min(len(heavy), len(light))

    def test_reservation_is_settled(self, limiter: RateLimiter, voice: Voice) -> None:
        """A reservation holds its estimate until it is settled with what was really used.

        If this fails: settling replaces the estimate, downwards and upwards; a second settling
        of the same reservation changes nothing.
        """
        self.needs_power(limiter, Reserving)
        held: Reservation = voice(limiter, "reserve", "ann", 8)
        assert held.allowed
        assert (held.user_id, held.tokens) == ("ann", 8)
        assert voice(limiter, "get_remaining", "ann") == self.budget - 8
        voice(limiter, "settle", held, 3)
        # Retries and finally blocks settle again; the second number must not count.
        voice(limiter, "settle", held, 1)
        assert voice(limiter, "get_remaining", "ann") == self.budget - 3
        more: Reservation = voice(limiter, "reserve", "ann", 2)
        voice(limiter, "settle", more, 6)
        assert voice(limiter, "get_remaining", "ann") == self.budget - 9

    @pytest.mark.parametrize("tokens", [0, -1])
    def test_reserved_amounts_are_positive(
        self, limiter: RateLimiter, voice: Voice, tokens: int
    ) -> None:
        """Reserving less than 1 raises ``ValueError``; settling may use nothing, never less.

        If this fails: check the amounts first; a negative one would refill the budget.
        """
        self.needs_power(limiter, Reserving)
        with pytest.raises(ValueError, match=r".+"):
            voice(limiter, "reserve", "ann", tokens)
        held: Reservation = voice(limiter, "reserve", "ann", 5)
        if tokens < 0:
            with pytest.raises(ValueError, match=r".+"):
                voice(limiter, "settle", held, tokens)
        # A call that failed used nothing, and gives everything back.
        voice(limiter, "settle", held, 0)
        assert voice(limiter, "get_remaining", "ann") == self.budget

    def test_refused_reservation_takes_nothing(self, limiter: RateLimiter, voice: Voice) -> None:
        """A reservation that does not fit says when it would, and settling it does nothing.

        If this fails: return ``allowed=False`` with ``retry_after`` and leave no mark behind.
        """
        self.needs_power(limiter, Reserving)
        voice(limiter, "check_and_consume", "ann", self.budget - 1)
        refused: Reservation = voice(limiter, "reserve", "ann", 2)
        assert not refused.allowed
        assert refused.retry_after > 0.0
        voice(limiter, "settle", refused, 2)
        assert voice(limiter, "get_remaining", "ann") == 1
