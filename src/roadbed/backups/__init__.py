"""Backups of what applications hold: taken, verified, kept for as long as is said, and brought back.

A backup is one encrypted file in the store and one record in the database; there is no record without a whole file.
What is in it is the provider's own format, which `roadbed.sdk.backups` describes.
"""
