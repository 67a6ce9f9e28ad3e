"""Builds wait for each other where an account runs one at a time."""

import threading

from localcloud.hooks.compute.builds import Slots

HERE = ("111111111111", "eu-west-1", "Concurrently running builds for Linux/Small environment")
ELSEWHERE = ("111111111111", "us-east-1", HERE[2])


def test_one_build_runs_and_five_wait() -> None:
    slots = Slots(lambda *_: 1)
    assert [slots.join(HERE) for _ in range(6)] == [None] * 6
    assert slots.join(HERE) == "Cannot have more than 5 builds in queue for the account"
    assert slots.join(ELSEWHERE) is None


def test_the_second_build_starts_when_the_first_has_ended() -> None:
    slots, began, end = Slots(lambda *_: 1), threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with slots.turn(HERE):
            order.append("first begins")
            began.set()
            end.wait(10)
            order.append("first ends")

    def second() -> None:
        with slots.turn(HERE):
            order.append("second begins")

    assert (slots.join(HERE), slots.join(HERE)) == (None, None)
    one, two = threading.Thread(target=first), threading.Thread(target=second)
    one.start()
    began.wait(10)
    two.start()
    end.set()
    one.join(10)
    two.join(10)
    assert order == ["first begins", "first ends", "second begins"]


def test_an_account_without_a_quota_builds_all_at_once() -> None:
    slots = Slots(lambda *_: None)
    assert [slots.join(HERE) for _ in range(50)] == [None] * 50
    with slots.turn(HERE), slots.turn(HERE):
        pass
