"""Usage: what meters counted, rated as a whole per billing period, and charged when it closes.

Begin with ``processor.py``, the one match; ``metering/`` counts events, ``rating/`` prices them,
``timeline/`` says which plan holds when, and ``archive.py`` what of it is kept where.
"""
