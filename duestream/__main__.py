"""``python -m duestream`` is the command line."""

from duestream import cli

cli()
