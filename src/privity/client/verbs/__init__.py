"""Everything that a person or a program can ask of a profile, declared once.

`catalogue` says which verbs there are, with their parameters and results; it is
light, so that a command that another process serves starts quickly. `handlers`
holds what they do. The command line, the profile's socket and the JSON Schemas in
docs/spec/cli/ all follow from the catalogue.
"""
