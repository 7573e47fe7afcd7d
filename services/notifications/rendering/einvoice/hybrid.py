"""What a PDF must say of itself when an e-invoice is attached to it (Factur-X, chapter 6).

The typesetter attaches the XML; its metadata gains here which invoice stands in which file. That
one object is appended as an update, as PDF has it: to write the file anew costs a third of the time
of setting the page, and the embedder of factur-x throws away what the page says of PDF/UA and
writes the time of the clock.
"""

import hashlib
import re

from services.notifications.rendering.einvoice.rule_sets import RuleSet

_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
# The typesetter declares schemas of its own: to declare ours in a second place makes all of it
# unreadable.
_BAG = "<pdfaExtension:schemas><rdf:Bag>"
_END = "</rdf:RDF>"
_PROPERTIES = (
    ("DocumentFileName", "name of the embedded XML invoice file"),
    ("DocumentType", "INVOICE"),
    ("Version", "The actual version of the Factur-X XML schema"),
    ("ConformanceLevel", "The conformance level of the embedded Factur-X data"),
)


_OBJECT = re.compile(rb"\n(\d+) 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_TRAILER = re.compile(
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID\[\((.+?)\)\(.+?\)\]>>\n"
    rb"startxref\n(\d+)\n%%EOF\s*\Z",
    re.DOTALL,
)


class UnexpectedMetadata(Exception):
    """The typesetter writes its files otherwise than it did; nothing is declared on a guess."""


def declare(pdf: bytes, *, rules: RuleSet) -> bytes:
    """Return *pdf*, which has its XML attached, with the metadata that Factur-X asks for."""
    found, trailer = _OBJECT.findall(pdf), _TRAILER.search(pdf)
    told = _OBJECT.search(pdf)
    if trailer is None or told is None or len(found) != 1:
        raise UnexpectedMetadata("the file has no single object of metadata, or another trailer")
    start, length = told.end(), int(told[2])
    metadata = _metadata(pdf[start : start + length].decode(), rules).encode()
    return pdf + _update(pdf, metadata, number=int(told[1]), trailer=trailer)


def _update(pdf: bytes, metadata: bytes, *, number: int, trailer: re.Match[bytes]) -> bytes:
    """Return what is appended: the object anew, where it stands, and where all others stood."""
    size, root, info, kept, before = trailer.groups()
    lead = b"" if pdf.endswith(b"\n") else b"\n"
    head = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n" % (number, len(metadata))
    written = lead + head + metadata + b"\nendstream\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, len(pdf + lead))
    changed = hashlib.md5(pdf + metadata, usedforsecurity=False).hexdigest().encode()
    says = b"trailer\n<</Size %s/Root %s 0 R/Info %s 0 R/ID[(%s)<%s>]/Prev %s>>\n" % (
        size,
        root,
        info,
        kept,
        changed,
        before,
    )
    return written + table + says + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(written))


def _metadata(said: str, rules: RuleSet) -> str:
    """Return the metadata with what Factur-X adds: its schema, and which level this is of."""
    if said.count(_BAG) != 1 or said.count(_END) != 1:
        raise UnexpectedMetadata("the metadata has no single place for a schema of ours")
    return said.replace(_BAG, _BAG + _schema()).replace(_END, _description(rules) + _END)


def _schema() -> str:
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{described}</pdfaProperty:description></rdf:li>"
        for name, described in _PROPERTIES
    )
    return (
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _description(rules: RuleSet) -> str:
    version = "3.0" if rules.level == "XRECHNUNG" else "1.0"
    return (
        f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">'
        "<fx:DocumentType>INVOICE</fx:DocumentType>"
        f"<fx:DocumentFileName>{rules.file_name}</fx:DocumentFileName>"
        f"<fx:Version>{version}</fx:Version>"
        f"<fx:ConformanceLevel>{rules.level}</fx:ConformanceLevel></rdf:Description>"
    )
