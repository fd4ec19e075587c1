"""How the platform itself is: its parts, what is isolated and what not, what is missing and how to mend it."""
