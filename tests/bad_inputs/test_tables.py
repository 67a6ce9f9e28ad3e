"""The tables themselves: how many inputs there are, and that each says what it is to be."""

from collections import Counter

from tests.bad_inputs.inputs import read, tables

LEAST = {"servers": 370, "functions": 100, "command_line": 170, "archives": 30}
"""Inputs that there are; more are welcome, fewer are a loss."""


def test_there_are_as_many_inputs_as_promised() -> None:
    counts: Counter[str] = Counter()
    for table in tables():
        counts[table.partition("/")[0]] += len(read(table))
    assert counts.keys() == LEAST.keys()
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts


def test_every_answer_of_a_server_is_the_clients_fault_or_none() -> None:
    for table in tables():
        if table.startswith(("servers/", "functions/predictions")):
            for given in read(table):
                # RFC 9110: 501 and 505 are the two of a server that are about what a client sent
                assert all(status == 200 or 400 <= status < 500 or status in {501, 505} for status in given.expected)
