"""The API's own log: what of a corpus stands in it, word for word or nearly."""
