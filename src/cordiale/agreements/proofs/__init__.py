"""Proofs about agreements: the intermediate form, its readings, the safeguards and their certificates."""
