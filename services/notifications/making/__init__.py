"""Making documents: a draft becomes files, stored under the SHA-256 of their bytes.

Begin with ``act.py``; ``content.py`` says what stands in a document, ``storage.py`` where it is.
"""
