"""For all tests: a property is not judged by how busy the machine is."""

from hypothesis import settings

settings.register_profile("privity", deadline=None)
settings.load_profile("privity")
