"""Evaluation: how good predictions are, as plain functions on arrays that every evaluation step uses.

Each is defined where the usual definitions break: an empty input, or two of different lengths, is refused with
InputError; a share of nothing (no row predicted positive, no positive row) is ``zero_division``; a ranking quality of
one class only is refused, since none exists.
"""
