"""What several secret rules share: how tokens look, what a name says, where a value stands.

Texts, names and syntax nodes in, judgements out. Nothing here knows a rule, a backend or a file on
the disk, and nothing keeps a value.
"""
