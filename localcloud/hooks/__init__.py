"""The only modules that import MiniStack or touch its internals.

Everything else in the local cloud speaks to these functions, so that an upgrade of MiniStack breaks here, where every
hook has a contract test, and another host could take its place. MiniStack reads its settings when it is imported:
import this package only in the process that `localcloud.server` runs in.
"""
