"""Which way a document goes, to whom, and what is said of it."""
