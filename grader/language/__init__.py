"""What a person reads: messages with their values, and the catalogues that translate them."""
