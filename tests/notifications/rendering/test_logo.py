"""A logo is a picture and nothing else."""

import io

import pytest
from PIL import Image

from services.notifications.rendering import samples
from services.notifications.rendering.display.frame import Style
from services.notifications.rendering.page.logo import UnusableLogo, logo
from services.notifications.rendering.rendered import render
from services.notifications.rendering.texts import built_in
from tests.notifications.rendering import pages

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><path d="M0 0h4v1z"/></svg>'


def nested(depth):
    """Return a drawing whose path stands in so many groups, within the svg itself."""
    opened = DRAWING.replace(b"<path", b"<g>" * depth + b"<path")
    return opened.replace(b"</svg>", b"</g>" * depth + b"</svg>")


def png(width=40, height=10):
    file = io.BytesIO()
    Image.new("RGBA", (width, height), (200, 30, 30, 128)).save(file, "PNG")
    return file.getvalue()


def jpeg():
    file = io.BytesIO()
    Image.new("RGB", (40, 10), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("picture", [DRAWING, png(), jpeg()])
def test_a_logo_stands_in_place_of_the_name(press, picture):
    document = dict(samples.samples("de"))["thanks"]
    style = Style(logo=logo(picture))

    text = pages.text(render(document, press=press, texts=built_in("de"), style=style).pdf)

    assert text.startswith("Nordlicht Datendienste GmbH · Speicherstraße 12")


@pytest.mark.parametrize(
    "picture",
    [
        png(2000, 2000),
        DRAWING.replace(b"<path", b"<g>" * 23 + b"<path").replace(
            b"</svg>", b"</g>" * 23 + b"</svg>"
        ),
        b'<?xml version="1.0"?>\n' + DRAWING,
        DRAWING.replace(b"<path", b'<path fill="url(#a)" stroke="red>"'),
    ],
)
def test_what_is_within_its_bounds_is_a_logo(picture):
    assert logo(picture).startswith(("<svg", "<?xml"))


@pytest.mark.parametrize(
    "picture",
    [
        b"GIF89a",
        b"\xff\xfe\x00",
        b"<html/>",
        DRAWING.replace(b"<path", b"<script>1</script><path"),
        DRAWING.replace(b"<path", b'<path onload="x()"'),
        DRAWING.replace(b"<path", b'<image href="file:///etc/passwd"/><path'),
        DRAWING.replace(b"<path", b'<a xlink:href="https://evil.example/"/><path'),
        DRAWING.replace(b"<path", b'<path fill="url(https://evil.example/)"'),
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + DRAWING,
        DRAWING + b" " * 100_000,
        # What computes or repeats something could take for ever; and depth is what a stack has not.
        DRAWING.replace(b"<path", b'<filter id="f"/><path'),
        DRAWING.replace(b"<path", b'<defs><marker id="m"/></defs><path'),
        DRAWING.replace(b"<path", b'<pattern id="p"/><path'),
        DRAWING.replace(b"<path", b"<g>" * 24 + b"<path").replace(
            b"</svg>", b"</g>" * 24 + b"</svg>"
        ),
        DRAWING.replace(b"<path", b"<path <path"),
        DRAWING.replace(b"<path", b"<!-- --><path"),
        png(2001, 2000),
        png()[:18],
        jpeg()[:12],
    ],
)
def test_what_is_more_than_a_picture_is_no_logo(picture):
    with pytest.raises(UnusableLogo):
        logo(picture)
