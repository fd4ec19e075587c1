"""Declaring: from what a team has to something that answers, and how long the platform's own part of it takes.

Everything is done through the public CLI and HTTP, on platforms of its own in fresh homes, with the projects that the
end-to-end tests deploy. Packages come from a cache that an earlier platform has filled; nothing else is warm.
"""
