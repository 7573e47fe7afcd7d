"""What the commands say on a broker that has no topics yet."""

import pytest

from tests.support.console import duestream


@pytest.mark.parametrize(
    "command", [("dead-letters", "list"), ("explain", "C1", "--kafka")], ids=" ".join
)
def test_where_topics_are_missing_three_lines_say_how_they_are_made(kafka, command):
    result = duestream(*command, DUESTREAM_KAFKA=kafka.address)

    assert result.exit_code == 1
    assert [line[:7] for line in result.stderr.splitlines()] == ["error  ", "where  ", "do     "]
    assert "error  a topic is missing: " in result.stderr
    assert "do     duestream topics apply" in result.stderr
