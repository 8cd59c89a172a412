"""Control channel of a running cell: JSON lines over loopback TCP, opened with a token.

First line of the client: ``{"plc_hil": 1, "token": "…"}``; the cell answers ``{"plc_hil": 1, "rig": "two_tanks"}``.
Then requests ``{"id": 7, "request": "read", "names": ["LEVEL"]}``, answered in order by
``{"id": 7, "answer": {"values": {"LEVEL": 41.5}}}`` or ``{"id": 7, "error": {"code": "refused", "message": "…"}}``.
Samples of a subscription come in between: ``{"subscription": 3, "time_ns": 120000000, "values": {…}}``.
NaN and infinities are written as the texts "NaN", "Infinity" and "-Infinity". ``requests.py`` lists the requests.
"""
