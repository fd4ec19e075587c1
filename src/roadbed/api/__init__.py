"""The HTTP shell round every capability's routes: who asks, which errors leave, what the browser may do.

Invariants: a request reaches a route only as somebody, but for the few paths listed as public; every error leaves as
an RFC 9457 problem without a traceback; what was refused is in the audit log.
"""
