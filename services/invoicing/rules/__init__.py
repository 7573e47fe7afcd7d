"""The rules of documents, without state: tax, totals, due dates, wording."""
