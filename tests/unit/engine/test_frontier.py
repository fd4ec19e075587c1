"""What of a graph of effects may begin, held against what it means: all that it waits for has succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.domain import Step
from roadbed.engine.errors import LeftOut
from roadbed.engine.planning.frontier import Frontier
from roadbed.engine.planning.schedule import Effect
from roadbed.kit.errors import OperationFailed
from unit.engine.building import urn


def _step(name: str) -> Step:
    return Step(urn(name), "test:Thing", name, "create", "infrastructure")


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Effect, ...]:
    """Each effect waits for some of those before it; some are barriers, some are parts of one step."""
    effects: list[Effect] = []
    for number in range(draw(st.integers(0, 14))):
        after = draw(st.sets(st.sampled_from([effect.key for effect in effects]), max_size=4)) if effects else set()
        step = None if draw(st.integers(0, 4)) == 0 else _step(f"s{draw(st.integers(0, number))}")
        effects.append(Effect(f"e{number}", "create" if step else "barrier", step, tuple(sorted(after))))
    return tuple(effects)


def _closed(effects: Sequence[Effect], done: set[str]) -> frozenset[str]:
    """What can have been done before: effects whose own conditions were, too."""
    closed: set[str] = set()
    for effect in effects:
        if (effect.step is None or effect.key in done) and closed.issuperset(effect.after):
            closed.add(effect.key)
    return frozenset(effect.key for effect in effects if effect.key in closed and effect.step)


@given(graphs(), st.randoms(use_true_random=False), st.sets(st.integers(0, 13)), st.sets(st.integers(0, 13)))
def test_each_begins_once_all_that_it_waits_for_has_succeeded_and_nothing_else_is_left_out(
    effects: tuple[Effect, ...], random: Random, before: set[int], failing: set[int]
) -> None:
    done = _closed(effects, {f"e{number}" for number in before})
    frontier = Frontier(effects, done)
    by_key = {effect.key: effect for effect in effects}
    begun: list[str] = []
    succeeded: set[str] = set(done)

    def holds(key: str) -> bool:
        """Succeeded, or a barrier behind nothing but such."""
        return key in succeeded or (by_key[key].step is None and all(map(holds, by_key[key].after)))

    waiting = frontier.first()
    while waiting:
        effect = waiting.pop(random.randrange(len(waiting)))
        assert all(map(holds, effect.after))
        begun.append(effect.key)
        if int(effect.key[1:]) in failing:
            frontier.failed(effect, OperationFailed("it broke"))
        else:
            succeeded.add(effect.key)
            waiting += frontier.succeeded(effect)

    assert len(begun) == len(set(begun))
    assert not done.intersection(begun)
    for effect in effects:
        error = frontier.failures.get(effect.key)
        if effect.key in begun:
            assert (error is None) == (effect.key in succeeded)
        elif effect.step is not None and effect.key not in done:
            assert isinstance(error, LeftOut)
            assert any(not holds(key) for key in effect.after)
    keys = {effect.step.key for effect in effects if effect.step}
    unfinished = {effect.step.key for effect in effects if effect.step and effect.key not in succeeded}
    assert frontier.finished == keys - unfinished


def test_what_was_left_out_says_because_of_whom() -> None:
    first = Effect("create a", "create", _step("a"))
    second = Effect("create b", "create", _step("b"), ("create a",))
    third = Effect("create c", "create", _step("c"), ("create b",))
    frontier = Frontier((first, second, third), frozenset())
    assert frontier.first() == [first]
    frontier.failed(first, OperationFailed("it broke"))
    for left in ("create b", "create c"):
        assert frontier.failures[left].message == f"left out, because {urn('a')} failed"
