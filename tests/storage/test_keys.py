import pytest

from app.storage.errors import InvalidKey
from app.storage.keys import checked, new_key


def test_a_key_is_random_url_safe_and_ends_in_its_extension() -> None:
    keys = {new_key("png") for _ in range(1000)}
    assert len(keys) == 1000
    assert all(checked(key) == key and key.endswith(".png") and len(key) == 36 for key in keys)


def test_keys_differ_even_where_case_does_not_count() -> None:
    assert all(key == key.lower() for key in (new_key("png") for _ in range(100)))


GOOD = "a" * 32


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        GOOD,
        f"{GOOD}.",
        f"{GOOD}.PNG",
        f"{GOOD}.png\n",
        f"{GOOD}.png/",
        f"{GOOD}.png/../x",
        f"{GOOD}.tar.gz",
        f"{GOOD}.{'x' * 12}",
        f"{'a' * 31}.png",
        f"{'a' * 33}.png",
        f"{'A' * 32}.png",
        f"{'1' * 32}.png",
        f"{'é' * 32}.png",
        f"{'a' * 30}/..png",
        f"..{'a' * 30}.png",
        f"{GOOD}.png\0",
    ],
)
def test_any_other_name_is_refused(key: str) -> None:
    with pytest.raises(InvalidKey):
        checked(key)


@pytest.mark.parametrize("extension", ["", ".png", "PNG", "../x", "a" * 12, "p ng"])
def test_an_odd_extension_makes_no_key(extension: str) -> None:
    with pytest.raises(InvalidKey):
        new_key(extension)
