"""The command `roadbed`: Heroku's manners over the REST API.

Imports no service, only `client` and `kit`; can do nothing that the API can't. Data goes to stdout, messages and
progress to stderr; every command that shows something takes `-o json`. Imports are lazy: `--help` loads no command, and
nothing here loads a server, a database driver or Rich. One handler (`errors`) renders every error; nobody ever sees a
traceback.
"""
