"""Who asks: a key, an address, a conversation; and the names under which a store keeps count of them."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import Literal

__all__ = ["Scope", "Who", "address_block", "name_of", "text_of"]

Scope = Literal["key", "address", "conversation"]

_PERSON: dict[Scope, bytes] = {"key": b"demur-key", "address": b"demur-address", "conversation": b"demur-talk"}
"""What keeps the three kinds of names apart; BLAKE2 calls it the personalization."""
_LONGEST = 200
"""Of what stands in a table as it is, in characters; longer ones stand there as a hash."""
_LONGEST_ADDRESS = 64
"""In characters; an IPv6 address with a zone has fewer."""
_INTERFACE_BITS = 64


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks; None is not known, and what is not known is not limited."""

    key: str | None = None
    """The tenant's API key, or better its identity in the policy."""
    address: str | None = None
    """Of the client, as the server sees it."""
    conversation: str | None = None
    """Belongs to the key: the same conversation under another key is another one."""


def text_of(who: Who, scope: Scope) -> str | None:
    """Give what one of the three is counted under in this process; whatever callers make up, it is not long."""
    if scope == "key":
        text = who.key
    elif scope == "address":
        text = who.address if who.address is None else address_block(who.address)
    elif who.conversation is None:
        return None
    else:
        key = who.key or ""
        text = f"{len(key)}:{key}{who.conversation}"
    return text if text is None or len(text) <= _LONGEST else _hash(text, scope, b"").hex()


def name_of(who: Who, scope: Scope, *, pepper: bytes = b"") -> str | None:
    """Name one of the three so that nobody reads it back.

    Args:
        who: who asks.
        scope: which of the three.
        pepper: a secret of at most 64 bytes. Without it whoever reads the store finds an IPv4 address by trying all.

    Returns:
        32 hexadecimal digits: BLAKE2b, RFC 7693, keyed with the pepper. None where it is not known.
    """
    text = text_of(who, scope)
    return None if text is None else _hash(text, scope, pepper).hex()


def _hash(text: str, scope: Scope, pepper: bytes) -> bytes:
    # Whatever bytes a header held may have become lone surrogates.
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, key=pepper, person=_PERSON[scope]).digest()


def address_block(address: str) -> str:
    """Give what stands for a client's address.

    An IPv4 address stands for itself, also where it is written as IPv6. Of an IPv6 address only the network counts
    (64 bits: RFC 4291, 2.5.4), for who has one address has all of its network. Anything else stands for itself.
    """
    return _block(address) if len(address) <= _LONGEST_ADDRESS else address


@lru_cache(maxsize=4096)  # taking an address apart costs more than everything else that is done to it
def _block(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _INTERFACE_BITS << _INTERFACE_BITS)}/{_INTERFACE_BITS}"
