"""Sessions of roles: MiniStack ends those that are over when one begins, also while another thread begins one."""

import time

from ministack.services import sts


def end_while_others_begin() -> None:
    """Look for sessions that are over in a list of them, which nobody changes meanwhile."""

    def end_those_over() -> None:
        now = time.time()
        for key, session in list(sts._sessions.items()):
            end = session.get("Expiration")
            if isinstance(end, int | float) and now > end:
                sts._sessions.pop(key, None)

    sts._evict_expired_sessions = end_those_over
