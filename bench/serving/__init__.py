"""Serving: CPU per request, requests per second and latency of ours, FastAPI and a bare echo.

The main figure is server CPU per request over the process tree: it moves little on a busy machine. One round measures
every server once; ratios are taken inside a round, and their median and worst are shown.
"""
