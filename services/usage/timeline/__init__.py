"""Which plan applies on which day, which days are rated, and when their periods close."""
