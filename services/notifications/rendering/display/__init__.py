"""What a document shows: its words and formats in a language, ready to be set.

The shape is that of page/template.typ: a frame, and blocks in their order beneath the subject.
"""
