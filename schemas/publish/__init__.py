"""The messages for tools: JSON Schemas, an AsyncAPI document, and what would break a reader."""
