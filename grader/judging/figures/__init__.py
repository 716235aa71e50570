"""Picks from the evidence what the charts of a report show."""
