"""From messages to documents: what a document says is taken from what our services said."""
