"""Snapshots on their topic: lines are cut into pieces, and only what is whole is read again."""

import pytest

from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.snapshot import Incomplete, Lines, Pieces, Snapshot, cover_in

LAST = OrderRecord(number=4, before="aa", store="b1", first=7, rules=1)


def cut(*lines, most=8, name="s1"):
    """Return the pieces of *lines*, and their cover."""
    pieces = Pieces(name, piece_bytes=most)
    found = [*pieces.cut(lines), *pieces.end()]
    cover = Snapshot(
        id=name,
        number=4,
        order=LAST.text,
        rules=2,
        first=0,
        pieces=pieces.count,
        content=pieces.content,
        positions={"contracts": 3, "#outbox": 8},
        ends={"deliveries": 11},
    )
    return found, cover


def read(pieces, cover):
    lines = Lines(cover)
    found = [line for each in pieces for line in lines.add(each)]
    lines.end()
    return found


def test_lines_are_cut_where_a_piece_is_full_and_put_together_again():
    pieces, cover = cut(b"one", b"a line longer than a piece", b"", b"two")

    assert [each.value for each in pieces] == [
        b"one\na li",
        b"ne longe",
        b"r than a",
        b" piece\n\n",
        b"two\n",
    ]
    assert [dict(each.headers)["piece"] for each in pieces] == [b"0", b"1", b"2", b"3", b"4"]
    assert read(pieces, cover) == [b"one", b"a line longer than a piece", b"", b"two"]


def test_a_snapshot_of_nothing_has_no_piece():
    pieces, cover = cut()

    assert (pieces, cover.pieces, read(pieces, cover)) == ([], 0, [])


def test_a_cover_is_read_as_it_was_written_and_a_piece_is_none():
    pieces, cover = cut(b"one")

    assert cover_in(cover.packed()) == cover
    assert (cover.last, cover.digest) == (LAST, LAST.digest)
    assert [cover_in(each) for each in pieces] == [None]


def test_before_the_first_order_record_there_is_no_digest():
    before = Snapshot(id="s", number=-1, order="", rules=1, first=0, pieces=0, content="")

    assert (before.last, before.digest) == (None, "")


def test_pieces_of_a_snapshot_that_was_cut_are_passed_over():
    lost, _ = cut(b"one", b"two and three", name="s0")
    pieces, cover = cut(b"one", b"two")

    assert read([*lost[:1], *pieces], cover) == [b"one", b"two"]
    assert read([pieces[0], *lost[1:]], cover) == [b"one", b"two"]


@pytest.mark.parametrize(
    ("keep", "why"),
    [
        (lambda pieces: pieces[:-1], "2 pieces of 3"),
        (lambda pieces: pieces[1:], "piece 1 where 0 is next"),
        (lambda pieces: [pieces[0], *pieces[2:]], "piece 2 where 1 is next"),
        (lambda pieces: [], "0 pieces of 3"),
        (
            lambda pieces: [pieces[0]._replace(value=b"one\ntwX\n"), *pieces[1:]],
            "its pieces are not those that were written",
        ),
    ],
    ids=["the last is gone", "the first is gone", "one is gone", "all are gone", "one is another"],
)
def test_what_is_not_whole_is_refused(keep, why):
    pieces, cover = cut(b"one", b"two", b"three", b"four", b"five")

    with pytest.raises(Incomplete, match=why):
        read(keep(pieces), cover)
