"""Tells people what failed, and with which command it goes on."""
