"""The page: characters, fonts, the payment code, and the one template that sets them."""
