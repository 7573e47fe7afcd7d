"""E-mail: composed of data alone, handed over by SMTP, known by its envelope sender.

headers.py is the one gate that values pass on their way into a header; message.py composes,
sending.py hands over, answers.py says what a server's answer means.
"""
