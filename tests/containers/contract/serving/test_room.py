"""What clients may hold open: connections and bytes, and who gives way."""

import resource
from dataclasses import dataclass, field
from typing import Any

import pytest

from contract.serving import room as rooms
from contract.serving.room import Room
from contract.serving.settings import Settings


@dataclass(eq=False)
class Connection:
    room: "Room[Connection]"
    deadline: float
    busy: bool = False
    held: int = 0
    ended: list[str] = field(default_factory=list)

    def give_way(self) -> None:
        self.ended.append("gave way")
        self.room.release(self)

    def abort(self) -> None:
        self.ended.append("aborted")
        self.room.leave(self)


def make(**settings: Any) -> "Room[Connection]":
    return Room(Settings(**settings))


def test_the_connection_that_was_idle_longest_ends_for_a_new_one() -> None:
    room = make(connection_limit=2)
    busy, idle = Connection(room, 1, busy=True), Connection(room, 2)
    for each in (busy, idle, Connection(room, 3)):
        room.enter(each)
    assert (busy.ended, idle.ended) == ([], ["aborted"])
    assert len(room.connections) == 2


def test_the_slowest_ends_where_all_are_busy() -> None:
    room = make(connection_limit=2)
    slow, quick = Connection(room, 1, busy=True), Connection(room, 2, busy=True)
    for each in (quick, slow, Connection(room, 3)):
        room.enter(each)
    assert (slow.ended, quick.ended) == (["aborted"], [])


def test_bytes_beyond_the_limit_are_those_of_who_began_first() -> None:
    room = make(pending_limit=100)
    first, second, third = (Connection(room, number) for number in (1, 2, 3))
    for each in (third, first, second):
        room.enter(each)
    room.hold(first, 40)
    room.hold(second, 40)
    room.hold(third, 30)
    assert (first.ended, second.ended, third.ended) == (["gave way"], [], [])
    room.leave(second)
    room.hold(third, 70)
    assert third.ended == []  # alone, it may have them all


def test_there_are_never_more_connections_than_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (rooms.SPARE_FILES + 3, 4096))
    room = make(connection_limit=512)
    for number in range(10):
        room.enter(Connection(room, number))
    assert len(room.connections) == 3
