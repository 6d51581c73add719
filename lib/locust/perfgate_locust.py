"""The locustfile that perf-run --engine locust gives to Locust, which takes its classes from here.

It has no names of its own that those could meet; see perfgate_bridge.py.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import perfgate_bridge

globals().update(perfgate_bridge.classes())
