"""Templates: how a legal entity's documents read and look, immutable per version."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.message import Message
from schemas.values import Id, LegalEntityId, Name, Text

LETTERHEAD = "letterhead"
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
# 30 kB in base64: a draft names all that its document is made of, the logo among it.
Base64 = Annotated[str, StringConstraints(max_length=40_000, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


TemplateKey = tuple[LegalEntityId, Literal["de", "en", "fr"], str]


class Layout(Message):
    """How the letters of a legal entity look; the logo stands in place of its name."""

    logo: Base64 | None = None
    accent: Colour | None = None
    claim: Name | None = None
    web: Name | None = None


class TemplatesPublished(Message):
    """The texts of one kind of document in one language, or the letterhead of all of them.

    What is not said stays as it is built in. Which kinds and texts there are, and what they may
    name in braces, is looked at by who sets the page; a kind that is not built in is one of a
    policy's step.
    """

    identity: ClassVar[tuple[str, ...]] = ("legal_entity_id", "version", "language", "kind")

    legal_entity_id: Id[LegalEntityId]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    language: Literal["de", "en", "fr"]
    kind: Name
    texts: dict[Name, Text] = Field(default_factory=dict, max_length=20)
    layout: Layout | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_has(self) -> Self:
        is_letterhead = self.kind == LETTERHEAD
        if is_letterhead != (self.layout is not None) or is_letterhead == bool(self.texts):
            raise ValueError("a letterhead has a layout, every other kind has texts")
        return self
