"""Resource types as people meet them: what there is to declare, and how a declaration of it is written in Python.

Owns no state: what it says is what the providers say, plugins too. It runs nothing that it writes, and it never holds
the value of a secret: a declaration names one.
"""
