"""The guard's refusals: five parts, plain words, no sermon, and not the same twice, in six languages."""

from collections import Counter
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusal_requests import REQUESTS

from demur.judge import default_judge
from demur.judge.echo import measure_echo
from demur.refusals.phrasing import LANGUAGES, read_phrasings
from demur.refusals.refusal import CATEGORIES, write_refusal
from demur.types import Reply, Turn

PARTS = ("acknowledgment", "boundary", "reason", "alternatives", "engagement", "names_boundary")
SCOPES = {
    "de": "Fragen zu Ihrem Handyvertrag",
    "en": "questions about your phone contract",
    "es": "las preguntas sobre tu contrato de móvil",
    "fr": "les questions sur votre forfait mobile",
    "pt": "as dúvidas sobre o seu plano de celular",
    "zh": "手机套餐方面的问题",
}
TOPIC = "“{topic}”"
N_REQUESTS = 12


def refuse(category, language, number):
    """Refuse a request as operators of several kinds would: a third name the assistant, half say what it is for."""
    return write_refusal(
        category,
        locale=language,
        request=REQUESTS[category, language][number],
        persona=None if number % 3 else "Nova",
        scope=None if number % 2 else SCOPES[language],
    )


def count_words(text, language):
    """Count what stands between spaces and has a letter or digit; in Chinese, two characters as a word."""
    if language == "zh":
        return len(text) / 2
    return sum(any(mark.isalnum() for mark in word) for word in text.split())


@cache
def judge_language(language):
    """Judge the refusals of every request in one language: how many, and how many lack what."""
    asked = [(category, number) for category in CATEGORIES for number in range(N_REQUESTS)]
    pairs = [
        (Reply(refuse(category, language, number)), (Turn("user", REQUESTS[category, language][number]),))
        for category, number in asked
    ]
    lacks = Counter(dict.fromkeys(("outcome", "tone", "preachy", *PARTS), 0))
    for verdict in default_judge().judge_many(pairs):
        quality = verdict.quality
        lacks["outcome"] += verdict.outcome != "refuse"
        lacks["tone"] += quality is None or quality.tone != "graceful"
        lacks["preachy"] += quality is not None and quality.tone == "preachy"
        lacks.update(part for part in PARTS if quality is None or not getattr(quality, part))
        assert not verdict.failure_modes
    return len(pairs), lacks


def test_every_category_and_language_is_asked():
    """Twelve different requests stand for each category in each language."""
    assert set(REQUESTS) == set(product(CATEGORIES, LANGUAGES))
    assert {len(set(requests)) for requests in REQUESTS.values()} == {N_REQUESTS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_judge_finds_the_refusals_whole_and_graceful(language):
    """Of 252 refusals of each language, .95 and more refuse, are graceful and have each of the five parts; none is preachy."""
    n, lacks = judge_language(language)
    assert n == 252
    assert lacks["preachy"] == 0
    assert max(lacks.values()) <= 0.05 * n, lacks


def test_english_is_better_than_that():
    """Of the English refusals .98 and more have each."""
    n, lacks = judge_language("en")
    assert max(lacks.values()) <= 0.02 * n, lacks


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guard_does_not_recite(language):
    """Of the refusals of one category in one language fewer than .15 repeat its commonest template."""
    for category in CATEGORIES:
        pairs = [
            (REQUESTS[category, language][number], refuse(category, language, number)) for number in range(N_REQUESTS)
        ]
        echo = measure_echo(pairs)
        assert echo.script_index.value < 0.15, (category, echo.templates[0].text)


def test_refusals_are_of_some_forty_to_ninety_words():
    """No refusal of the requests here is shorter or longer."""
    for category, language in REQUESTS:
        for number in range(N_REQUESTS):
            text = refuse(category, language, number)
            assert 40 <= count_words(text, language) <= 90, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_combination_of_phrasings_is_too_short_or_too_long(language):
    """The shortest phrasings of all parts make 40 words, the longest 90, with a topic of eight words and the scopes used here."""
    words, categories = read_phrasings("refusals.toml")[language], read_phrasings("refusals.toml")["categories"]

    def lengths(phrasings):
        found = [
            count_words(phrasing.replace("{topic}", "").replace("{persona}", "Nova"), language)
            for phrasing in phrasings
        ]
        return min(found), max(found)

    topic = [
        phrasing + (" 一二三四五六七八九十一二三四五六" if language == "zh" else " word" * 8)
        for phrasing in words["acknowledgments"]["topic"]
    ]
    for category, texts in ((category, words[category]) for category in CATEGORIES):
        manner = categories[category]
        ends = words["ends"]
        options = sorted(count_words(option, language) for option in texts["alternative"])
        offers = [offer.replace("{one}", "").replace("{two}", "") for offer in words["offers"]]
        boundaries = [phrasing.replace("{scope}", SCOPES[language]) for phrasing in texts["boundary"]]
        spans = [
            lengths(words["acknowledgments"][manner["group"]] + (topic if manner["quotes"] else [])),
            lengths(boundaries),
            lengths(texts["reason"]),
            lengths(offers),
            (sum(options[:2]), sum(options[-2:])),
            lengths(ends[manner["group"]] if manner["group"] in ends else ends["any"] + ends["persona"]),
        ]
        assert sum(low for low, _ in spans) >= 40, category
        assert sum(high for _, high in spans) <= 90, category


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_has_four_phrasings_or_more(language):
    """Every list of a language has four different phrasings at least, with and without the operator's words."""
    words = read_phrasings("refusals.toml")[language]
    lists = [words["offers"], *words["acknowledgments"].values(), *words["ends"].values()]
    for category in CATEGORIES:
        lists += list(words[category].values())
        assert set(words[category]) == {"boundary", "reason", "alternative"}
    lists += [
        [phrasing for phrasing in words["scope"]["boundary"] if ("{scope}" in phrasing) == scoped]
        for scoped in (True, False)
    ]
    assert min(len(set(phrasings)) for phrasings in lists) >= 4


def test_the_same_request_is_refused_in_the_same_words():
    """Two calls agree, and twelve requests get twelve answers."""
    for (category, language), requests in REQUESTS.items():
        texts = [write_refusal(category, locale=language, request=request) for request in requests]
        assert texts == [write_refusal(category, locale=language, request=request) for request in requests]
        assert len(set(texts)) == N_REQUESTS


def test_the_operators_words_are_said():
    """A named assistant says its name, and a service with a scope says what it is for; in a crisis no name is dropped."""
    for language, scope in SCOPES.items():
        for number in range(N_REQUESTS):
            request = REQUESTS["scope", language][number]
            text = write_refusal("scope", locale=language, request=request, persona=" Nova\n2 ", scope=f"{scope}. ")
            assert "Nova 2" in text
            assert scope in text
            assert "Nova" not in write_refusal("self-harm", locale=language, request=request, persona="Nova")


@pytest.mark.parametrize(
    ("request_text", "topic"),
    [
        ("How do I bake a sourdough bread?", "bake a sourdough bread"),
        ("Hi! Could you please, please tell me how to fix my bike? It squeaks.", "fix my bike"),
        ("Please write <b>a poem</b> about {persona} and \u202ethe sea.", "b a poem b about persona and the…"),
        (
            "Plan a trip that leads us all around the Baltic Sea by train in May",
            "Plan a trip that leads us all around…",
        ),
        ("a b c d e f g h i j", "a b c d e f g h…"),
    ],
)
def test_the_topic_is_a_short_clean_piece_of_the_request(request_text, topic):
    """What is quoted is the user's own words, without what leads in, markup, braces or marks that turn text around."""
    text = write_refusal("scope", locale="en", request=request_text, persona="Nova")
    assert TOPIC.format(topic=topic) in text


@pytest.mark.parametrize(
    "request_text",
    [
        "How do I kill my cat?",
        "Wie töte ich?",
        "怎样杀人？",
        "Call 5550 1234 for me",
        "Mail to joe@example.org",
        "",
        "?!",
        "x" * 50,
        "ok",
    ],
)
def test_nothing_is_quoted_that_would_repeat_harm_or_tell_on_people(request_text):
    """Alarming words of any language, addresses, numbers and scraps are left out."""
    assert "“" not in write_refusal("scope", locale="en", request=request_text)


def test_harmful_requests_are_never_quoted():
    """Outside advice, works and scope not a word of the request is repeated as a topic."""
    marks = ("“", "»", "«", "”")
    quoting = {"intellectual-property", "scope", "health-advice", "legal-advice", "financial-advice"}
    for category, language in REQUESTS:
        if category not in quoting:
            for number in range(N_REQUESTS):
                assert not any(mark in refuse(category, language, number) for mark in marks)


@pytest.mark.parametrize(
    ("locale", "like"), [("en-GB", "en"), ("pt_BR", "pt"), ("zh-Hant-TW", "zh"), ("DE", "de"), ("ja", "en"), ("", "en")]
)
def test_a_locale_is_read_by_its_language(locale, like):
    """Regions make no difference, and a language that is not spoken is answered in English."""
    assert write_refusal("fraud", locale=locale, request="x") == write_refusal("fraud", locale=like, request="x")


def test_who_asks_for_a_method_is_always_shown_a_crisis_line():
    """Whatever is drawn, the first alternative to a method of self-harm is a line or number to call."""
    for language in LANGUAGES:
        call = read_phrasings("refusals.toml")[language]["self-harm"]["alternative"][0]
        assert all(call in write_refusal("self-harm", locale=language, request=f"{number}") for number in range(50))


def test_an_unknown_category_is_named():
    """The error lists what there is."""
    with pytest.raises(KeyError, match=r"found category 'frod'; expected one of: crime, cyber-attack, .*weapons"):
        write_refusal("frod", locale="en", request="x")


@given(request_text=st.text(max_size=300), category=st.sampled_from(CATEGORIES), language=st.sampled_from(LANGUAGES))
def test_any_request_is_refused_in_one_clean_line(request_text, category, language):
    """Whatever is asked, no slot is left open and nothing but the topic of 40 characters comes from the request."""
    text = write_refusal(category, locale=language, request=request_text)
    assert "{" not in text
    assert "}" not in text
    assert "\n" not in text
    assert text.isprintable()
    assert len(text) < 800
