"""The platform's REST API, as Python: what the CLI and other programs use.

Owns how a client finds the server and proves who asks, and how an answer's problem document becomes an error again.
Stands on the standard library alone (`httpx` takes 0.36 s to import, `http.client` 0.04 s), because the CLI must
answer at once. Synchronous. Answers are the JSON as it came, typed by `TypedDict`: keys that a newer server added pass
through.
"""
