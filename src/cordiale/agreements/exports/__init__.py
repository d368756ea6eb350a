"""An agreement for other readers: an ODRL policy, an Akoma Ntoso document, a paper. Nothing here decides."""
