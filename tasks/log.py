"""Where the steps report: what Prefect keeps and the terminal prints, and what a terminal only shows in passing."""

from __future__ import annotations

import logging

log = logging.getLogger("essa")
log.setLevel(logging.INFO)
log.propagate = False
passing = logging.getLogger("essa.passing")
passing.propagate = False
