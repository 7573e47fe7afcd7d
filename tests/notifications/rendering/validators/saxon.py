"""Run XSLTs of rules over files, as a child: ``saxon.py RULES FILE...``; a line for each finding.

A file is named NAME.FORMAT.xml. The rules are those unpacked from the jars.
"""

import re
import sys
from pathlib import Path

from saxonche import PySaxonProcessor

_CII = "1.3.16/cii/EN16931-CII-validation.xslt"
_UBL = "1.3.16/ubl/EN16931-UBL-validation.xslt"
_PEPPOL = "openpeppol/2026.5/xslt"
RULES = {
    "zugferd": [_CII],
    "xrechnung_cii": [_CII, "3.0.2/XRechnung-CII-validation.xslt"],
    "xrechnung_ubl": [_UBL, "3.0.2/XRechnung-UBL-validation.xslt"],
    "peppol_bis": [f"{_PEPPOL}/CEN-EN16931-UBL.xslt", f"{_PEPPOL}/PEPPOL-EN16931-UBL.xslt"],
}
_FLAG = re.compile(r'flag="(\w+)"')
_TEXT = re.compile(r"<svrl:text[^>]*>(.*?)</svrl:text>", re.DOTALL)


def main(rules, files):
    with PySaxonProcessor(license=False) as processor:
        sheets = {}
        for file in map(Path, files):
            found = []
            text = file.read_text(encoding="utf-8")
            for name in RULES[file.name.split(".")[-2]]:
                if name not in sheets:
                    path = str(rules / "external" / "schematron" / name)
                    compiler = processor.new_xslt30_processor()
                    sheets[name] = compiler.compile_stylesheet(stylesheet_file=path)
                parsed = processor.parse_xml(xml_text=text)
                found += failed(sheets[name].transform_to_string(xdm_node=parsed))
            fatal = [each for each in found if not each.startswith(("warning", "information"))]
            print("INVALID" if fatal else "valid", file.name, " | ".join(fatal), sep="\t")


def failed(report):
    for part in report.split("<svrl:failed-assert")[1:]:
        flag, text = _FLAG.search(part), _TEXT.search(part)
        yield f"{flag[1] if flag else 'fatal'} {' '.join(text[1].split()) if text else '?'}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
