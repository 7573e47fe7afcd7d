"""The XML within the PDF: attached as Factur-X wants it, same input same bytes.

The embedder of factur-x throws away what the typesetter says of PDF/UA and writes the time of the
clock; this one keeps the one and takes the other from the document.
"""

import hashlib
import io
from datetime import date

import pikepdf

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


class UnexpectedMetadata(Exception):
    """The typesetter writes its metadata otherwise than it did; nothing is attached to a guess."""


def attach(pdf: bytes, xml: bytes, *, rules: RuleSet, on: date) -> bytes:
    """Return *pdf* with *xml* as its alternative, as of the day of the document."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        filespec = opened.make_indirect(_filespec(opened, xml, name=rules.file_name, on=on))
        opened.Root.AF = opened.make_indirect(pikepdf.Array([filespec]))
        names = pikepdf.Array([pikepdf.String(rules.file_name), filespec])
        opened.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))
        said = opened.Root.Metadata.read_bytes().decode()
        metadata = pikepdf.Stream(opened, _metadata(said, rules).encode())
        metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
        opened.Root.Metadata = opened.make_indirect(metadata)
        opened.save(out, deterministic_id=True, **_SAVED)
    return out.getvalue()


_SAVED = {
    "object_stream_mode": pikepdf.ObjectStreamMode.generate,
    "compress_streams": True,
}


def _filespec(opened: pikepdf.Pdf, xml: bytes, *, name: str, on: date) -> pikepdf.Dictionary:
    stream = pikepdf.Stream(opened, xml)
    stream.Type, stream.Subtype = pikepdf.Name.EmbeddedFile, pikepdf.Name("/text/xml")
    stream.Params = pikepdf.Dictionary(
        ModDate=f"D:{on:%Y%m%d}120000Z",
        Size=len(xml),
        CheckSum=pikepdf.String(hashlib.md5(xml, usedforsecurity=False).digest()),
    )
    file = opened.make_indirect(stream)
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec,
        F=name,
        UF=name,
        Desc="Factur-X/ZUGFeRD invoice",
        AFRelationship=pikepdf.Name.Alternative,
        EF=pikepdf.Dictionary(F=file, UF=file),
    )


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
