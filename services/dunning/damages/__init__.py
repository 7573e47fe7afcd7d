"""What a default costs the debtor: fee, lump sum, interest, and since when (R-92 to R-95)."""
