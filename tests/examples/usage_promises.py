"""What the table of usage promises, document by document, worked out by hand from the rules."""

# 10.00 for the line; a month with meters is billed when their day of delay is over.
LINE = "01-01 invoice 10.00 1.90 11.90 due 01-15"
FEBRUARY = "02-02 invoice 10.00 1.90 11.90 due 02-16"
MARCH = "03-02 invoice 10.00 1.90 11.90 due 03-16"
APRIL = "04-02 invoice 10.00 1.90 11.90 due 04-16"
# 0.14 + 0.14 + 0.155 + 0.245; 19 % of 10.68 is 2.0292.
CALLS = "02-02 invoice 10.68 2.03 12.71 due 02-16"
BILLED = {
    "U-101": [LINE, CALLS, MARCH, APRIL],
    # Two minutes each: 1.20, 1.80, and 2.40 with 0.10; 19 % of 15.50 is 2.945.
    "U-102": [LINE, FEBRUARY, "03-02 invoice 15.50 2.95 18.45 due 03-16", APRIL],
    # Ten minutes at 0.20 and ten at 0.05; an hour at 0.05; 19 % of 12.50 is 2.375.
    "U-103": [
        LINE,
        "02-02 invoice 12.50 2.38 14.88 due 02-16",
        MARCH,
        "04-02 invoice 13.00 2.47 15.47 due 04-16",
    ],
    # 1,000 at 0.01 and 500 at 0.002; then 500 more at 0.002.
    "U-104": [
        LINE,
        "02-02 invoice 21.00 3.99 24.99 due 02-16",
        "03-02 invoice 11.00 2.09 13.09 due 03-16",
        APRIL,
    ],
    # 15 of 25 texts at 0.09; 19 % of 11.35 is 2.1565.
    "U-105": [LINE, "02-02 invoice 11.35 2.16 13.51 due 02-16", MARCH, APRIL],
    # 40 of 50 texts; then 70 of 80, which is 2.70 more. 19 % of 13.60 is 2.584, of 12.70 2.413.
    "U-106": [
        LINE,
        "02-02 invoice 13.60 2.58 16.18 due 02-16",
        "03-02 invoice 12.70 2.41 15.11 due 03-16",
        APRIL,
    ],
    # 590 texts at 0.09, and 100 more; 19 % of 53.10 is 10.089.
    "U-107": [
        LINE,
        "01-12 invoice 53.10 10.09 63.19 due 01-26",
        "02-02 invoice 19.00 3.61 22.61 due 02-16",
        MARCH,
        APRIL,
    ],
    # 42.05 + 25.05 + 25.00 + 8.00 + 8.00 + 1.80 + 12.34 + 62.00; 19 % of 184.24 is 35.0056.
    "U-108": [
        "02-02 invoice 184.24 35.01 219.25 due 02-16",
        "03-02 invoice 62.00 11.78 73.78 due 03-16",
        "04-02 invoice 62.00 11.78 73.78 due 04-16",
    ],
    # 4.05 of 5.00 prepaid; then 1.80, of which 0.95 are. 19 % of 10.85 is 2.0615.
    "U-109": [LINE, FEBRUARY, "03-02 invoice 10.85 2.06 12.91 due 03-16", APRIL],
    "U-110": [LINE, CALLS, MARCH, APRIL],
    # 12 of 31 days of 10.00 are 3.8710; 19 % of 3.87 is 0.7353.
    "U-111": [LINE, "01-18 credit 3.87 0.74 4.61", "01-21 invoice 0.68 0.13 0.81 due 02-04"],
}
TOLD = [
    "2026-01-15 U-109 PrepaidLow",
    "2026-02-02 U-109 PrepaidDrawn",
    "2026-03-02 U-102 UsageUnpriced",
    "2026-03-02 U-109 PrepaidDrawn",
]
ESCALATED = ["2026-01-29 ReminderCreated", "2026-02-05 PaymentEscalationReset"]
