"""What the tests of pages share: people who sign in, as browsers do."""

from contextlib import ExitStack, closing

import pytest
from reviewing_site import sign_in


@pytest.fixture
def enter():
    """Sign somebody in at an address; give their client."""
    with ExitStack() as stack:
        yield lambda address, name="ada", role="reviewer": stack.enter_context(closing(sign_in(address, name, role)))
