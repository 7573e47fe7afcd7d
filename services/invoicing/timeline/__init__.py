"""Which plan applies on which day, with which components, in which billing periods."""
