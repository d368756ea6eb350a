"""Every number that the documents quote, with its peer beside it."""
