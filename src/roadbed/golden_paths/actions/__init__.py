"""The actions that a template's steps may call: Backstage's, as far as they make sense here, and `roadbed:deploy`."""
