"""What holds for all tests."""

from hypothesis import settings

# A test that is slow today runs beside others: the machine is late then, and not the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
