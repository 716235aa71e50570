"""Reusable judgements, one module per step: evidence in, a Judgement out, no kernel anywhere."""
