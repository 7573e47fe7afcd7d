"""From what is overdue to a step that fires; the rules are the table in rules.py."""
