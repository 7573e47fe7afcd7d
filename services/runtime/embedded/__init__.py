"""All services in one process over a log in memory; and a replay of a recorded order."""
