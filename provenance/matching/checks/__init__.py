"""What speaks against a share: checks of a corpus, and how far ranges reach for them."""
