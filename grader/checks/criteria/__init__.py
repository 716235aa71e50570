"""Reusable judgements, one module a step: evidence in, a Judgement out, no kernel anywhere."""
