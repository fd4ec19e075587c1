"""PostgreSQL: embedded or external, sessions, migrations. Nothing above this tier opens a connection of its own."""
