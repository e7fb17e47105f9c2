"""Which strings of a response are texts, and which only name, count or point at things."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["FIELDS", "is_text", "is_told", "is_too_deep", "texts_of", "tokens_of"]

FIELDS = frozenset(
    """
    acknowledged_safety_checks action actions allowed_callers allowed_domains allowed_tools always annotation annotation_index
    annotations approval_request_id approve arguments async attributes authorization background button bytes call_id caller
    caller_id categories city code command command_index commands complexity connector_id container container_id content
    content_index country created_by data defer_loading definition delta description detail diff display_height display_width
    domain domain_secrets effort embedding_weight encrypted_content end_index env environment error execution exit_code
    external_web_access file_data file_id file_ids file_url filename filters fingerprint format frame_count frame_duration_ms
    headers hybrid_search id image_url index input input_fidelity input_image_mask input_schema input_tokens item_id key keys
    logprob logprobs logs max_num_results max_output_length media_type memory_limit message mode model moderation
    moderation_details moderation_stage name namespace network_policy never object operation outcome output output_compression
    output_format output_index output_schema output_text output_tokens outputs param parameters part partial_image_b64
    partial_image_index partial_images path pattern pending_safety_checks phase prompt_cache_breakpoint quality queries query
    ranker ranking_options read_only reason reasoning reasoning_tokens refusal region require_approval result results
    revised_prompt role score score_threshold scroll_x scroll_y search_content_types search_context_size sequence_number
    server_description server_label server_url size skill_id skills source sources start_index status stderr stdout strict
    summary summary_index svg svg_usage syntax text text_weight timeout_ms timezone title token tool_names tools top_logprobs
    total_tokens ttl tunnel_id type url user user_location value vector_store_ids version working_directory x y
    """.split()  # noqa: SIM905 -- a list of two hundred lines says no more
)
"""The names of an item's fields, as OpenAI has them. A key that is none of these may be the model's own, and is a text itself."""

_LABELS = frozenset(
    """
    id type role status phase object model call_id item_id caller_id container_id approval_request_id file_id fingerprint
    action background button complexity detail effort execution input_fidelity media_type memory_limit mode moderation_stage
    output_format quality ranker search_context_size size syntax ttl
    """.split()  # noqa: SIM905 -- as above
)
"""Fields whose values are ids, or one of a few words that the API lays down."""
_LABEL = re.compile(r"[\w.:/=+@-]*", re.ASCII)
"""How such a value looks; whatever else stands there is a text."""

_DEEPEST = 64
"""Objects and lists in each other; a response needs some twelve, and the schema of a tool as many again."""

_SEALED = frozenset({"encrypted_content"})
_SEAL = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}")
"""What a provider has enciphered: one long word, in which a short phrase is found by chance and means nothing."""
_PICTURES = frozenset({"result", "partial_image_b64", "image_url", "url"})
_PICTURE = re.compile(r"(?:data:image/[a-z0-9.+-]{1,20};base64,)?([A-Za-z0-9+/]{64,}={0,2})")
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
"""Of the bytes of a picture: PNG, JPEG, GIF, WebP. An SVG is a text."""


def is_text(key: str, value: str) -> bool:
    """Tell whether the string under a key can be read: it is no label, nothing enciphered and no picture."""
    if key in _LABELS:
        return _LABEL.fullmatch(value) is None
    if key in _SEALED:
        return _SEAL.fullmatch(value) is None
    return not (key in _PICTURES and _is_picture(value))


def is_too_deep(value: Any) -> bool:
    """Tell whether a value is nested deeper than any request, response or event is."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, Mapping | list)
            for inner in (one.values() if isinstance(one, Mapping) else one)
        ]
        if not level:
            return False
    return True


def texts_of(value: Any, key: str = "") -> Iterator[str]:
    """Give every text in a part of a response, keys that are none of the API's with them, in the order they stand in.

    Args:
        value: the part.
        key: under which it stands; that of a list is also its items'.
    """
    if isinstance(value, str):
        if is_text(key, value):
            yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in FIELDS:
                yield name
            tokens = tokens_of(inner) if name == "logprobs" else None
            if tokens is None:
                yield from texts_of(inner, name)
            else:
                yield tokens
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, key)


def tokens_of(logprobs: Any) -> str | None:
    """Give the text of the tokens that probabilities are told of; None where something else is told there."""
    if not isinstance(logprobs, list) or not all(map(is_told, logprobs)):
        return None
    return "".join(entry["token"] for entry in logprobs)


def is_told(entry: Any) -> bool:
    """Tell whether an entry is a token with its probability: it has nothing else to read, as tokens that were not chosen are no text."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("token"), str):
        return False
    is_list = isinstance(entry.get("top_logprobs"), list)
    known = ("token", "top_logprobs") if is_list else ("token",)
    return not any(texts_of({name: value for name, value in entry.items() if name not in known}))


def _is_picture(value: str) -> bool:
    found = _PICTURE.match(value[:256])
    if found is None or _PICTURE.fullmatch(value) is None:
        return False
    try:
        begins = base64.b64decode(found[1][:16])
    except binascii.Error:
        return False
    return begins.startswith(_BEGINNINGS)
