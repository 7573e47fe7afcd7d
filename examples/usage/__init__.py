"""A telephone company, and whoever else has meters: what was used becomes what is owed."""
