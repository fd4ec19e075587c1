"""PostgreSQL databases for applications: one database and one role each, on the applications' own server."""
