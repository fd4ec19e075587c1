"""The web portal: pages rendered on the server, live by one event stream a browser.

Owns how the platform looks to people in a browser: layout, components, pages, assets. It asks the same services as the
API, in the name of whoever is logged in, and has no path of its own to anything.

Invariants: every page works for reading without JavaScript; no inline script or style (the content security policy
forbids them); every form that changes something carries the session's CSRF token; whatever came from outside is
escaped.
"""
