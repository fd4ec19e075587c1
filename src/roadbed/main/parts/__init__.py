"""What the server is made of, in the order in which each part stands on those before it:

`ground`, `machine`, `engine`, `delivery`, `stacks`, `surfaces`. `roadbed.main.composition` puts them together.
"""
