"""The main job: deploys, rolling updates and crashes under load, and what the platform costs at rest.

Everything is done through the public CLI and HTTP, on a platform of its own in a fresh home. Nothing is tried again in
secret: the load client sends each request once, and what it lost is lost.
"""
