"""Cordiale runs the arrangement: what may pass, what may not, and the proof of both."""
