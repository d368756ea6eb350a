"""One night for all page tests of a process: founding nodes is the slow part."""

from collections.abc import Iterator

import pytest

from tests.web.pages import Browser, Night, night, with_something_to_read


@pytest.fixture(scope="package")
def made() -> Iterator[Night]:
    found = with_something_to_read(night())
    yield found
    found.close()


@pytest.fixture
def sam(made: Night) -> Browser:
    """A supervisor on duty."""
    return Browser(made, "sam")


@pytest.fixture
def ada(made: Night) -> Browser:
    """An administrator, who sees no content."""
    return Browser(made, "ada")
