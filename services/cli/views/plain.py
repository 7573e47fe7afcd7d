"""Text from outside on a terminal: what could steer it is written out."""


def plain(text: str) -> str:
    """Return *text* with each character that does not print by itself as its escape.

    Not only ESC and its like: characters that turn the direction of writing show another text
    than there is.
    """
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def plain_lines(content: bytes) -> list[str]:
    """Return *content* line by line, bytes that are no UTF-8 as escapes."""
    return [plain(each) for each in content.decode(errors="backslashreplace").split("\n")]


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
