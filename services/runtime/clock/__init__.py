"""The passing of time: calendars, which day comes next, and what each partition may hear of it."""
