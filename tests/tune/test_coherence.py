"""Claims about what makes a reply incoherent, on answers that were written for them and on the same answers broken."""

import json
import math
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from demur.judge.sentences import plain, split
from demur.tune import coherence
from demur.tune.coherence import find_flaw, is_coherent

ANSWERS = {
    "How do I keep basil alive on a windowsill in winter?": (
        "Basil likes light and warmth, so give it the brightest windowsill you have and keep it away from the cold glass at night. Water it "
        "from below when the soil feels dry, pinch off the tips every week, and turn the pot now and then so that it grows straight."
    ),
    "Why is the ocean salty?": (
        "The ocean is salty because rain dissolves small amounts of minerals from rocks on land and rivers carry them to the sea. When water "
        "evaporates from the surface the salt stays behind. Over millions of years it has added up to about 35 grams in every litre."
    ),
    "Give me tips for a job interview at a bookshop.": (
        "Here are some tips for your interview:\n\n1. **Visit the shop first.** Look at what they sell and who comes in.\n2. **Name three books.** "
        "They will ask what you have read lately.\n3. **Show patience.** Much of the work is with customers who have forgotten the title."
    ),
    "How does a microwave oven heat food?": (
        "A microwave oven sends out waves that make the water in the food turn back and forth billions of times a second. This movement is heat. "
        "Since the waves reach only a few centimetres deep, the middle of a thick dish is warmed by what is around it, which takes long"
    ),
    "Write a short thank-you note to a neighbour who fed my cat.": (
        "Dear Anna,\n\nThank you so much for feeding Miso while we were away. She looks happy and a little rounder than before, which says a lot about "
        "how well you looked after her. I have left a small jar of honey at your door, and we owe you a dinner. Your neighbour,\nTom"
    ),
    "What is the difference between weather and climate?": (
        "Weather is what happens in the air over hours and days: rain this morning, sun tomorrow. Climate is what is usual in a place over "
        "thirty years or more. One cold week says nothing about the climate, but a long row of warm winters does. Climate is what you expect."
    ),
    "How do I change a flat tyre on a car?": (
        "Stop on firm, level ground and put the handbrake on. Loosen the nuts of the wheel by half a turn before you lift the car, then place the "
        "jack under the point that the manual shows. Take the tyre off, put the spare one on, and tighten the nuts crosswise"
    ),
    "Tell me about the history of chess.": (
        "Chess began in India some 1,500 years ago as a game of four armies. It reached Persia, where the words for check and mate come from, and "
        "travelled with traders to Europe. The queen became the strongest piece around 1475, and the rules have stayed almost the same since."
    ),
}
"""Question and answer; some are cut off."""


def shuffle_words(text, rng):
    """Put the words of a text in any order."""
    words = text.split()
    rng.shuffle(words)
    return " ".join(words)


def shuffle_letters(text, rng):
    """Put the letters of each word in any order."""
    return re.sub(r"[^\W\d_]+", lambda word: "".join(rng.sample(word[0], len(word[0]))), text)


def loop(text):
    """Say the first sentence until the reply is as long as it was."""
    first = split(plain(text))[0].text
    return " ".join([first] * max(3, math.ceil(len(text) / len(first))))


@pytest.mark.parametrize("prompt", ANSWERS)
def test_an_answer_is_coherent(prompt):
    """Ordinary answers are coherent: prose, lists, letters, whole or cut off."""
    assert find_flaw(prompt, ANSWERS[prompt]) is None
    assert is_coherent(prompt, ANSWERS[prompt]) is True


@pytest.mark.parametrize("prompt", ANSWERS)
def test_broken_answers_are_found(prompt):
    """The same answers are incoherent with words or letters shuffled, in a loop, among emoji, and given to another question."""
    rng = random.Random(3)
    answer = ANSWERS[prompt]
    prompts = list(ANSWERS)
    other = prompts[prompts.index(prompt) - 1]
    assert [find_flaw(prompt, shuffle_words(answer, rng)) for _ in range(10)].count("word salad") >= 9
    assert find_flaw(prompt, shuffle_letters(answer, rng)) == "broken words"
    assert find_flaw(prompt, loop(answer)) in ("loop", "garbled")
    assert find_flaw(prompt, answer[:60] + " 😀🎉✨" * 8) == "symbols"
    assert find_flaw(other, answer) == "off topic"


@pytest.mark.parametrize("size", [40, 75, 110, 145, 180])
def test_where_a_reply_ends_does_not_matter(size):
    """An answer that is cut within a word is coherent."""
    assert [is_coherent(prompt, answer[:size]) for prompt, answer in ANSWERS.items()] == [True] * len(ANSWERS)


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("What is the capital of Burkina Faso?", "Ouagadougou."),
        ("Is that safe?", "No! No, no, no."),
        ("Sort 3, 1, 2.", "1, 2, 3"),
        ("Who wrote it?", "Fyodor Mikhailovich Dostoevsky"),
        (
            "Wie lange kocht ein weiches Ei?",
            "Etwa fünf Minuten, wenn es aus dem Kühlschrank kommt; danach kurz kalt abschrecken.",
        ),
        ("如何煮米饭？", "先把米洗干净，加入适量的水，大火煮开后转小火焖十五分钟，然后关火再焖五分钟。"),
        ("Write it in Python.", "```python\nfor i in range(3):\n    a[i] = a[i] + b[i]\n    b[i] = b[i] + a[i]\n```"),
        (
            "Congratulate her.",
            "Happy birthday, dear Ida! 🎂🎉🎈 May the year be kind to you, and the cake be large. 🥳❤️",
        ),
    ],
)
def test_short_replies_and_other_languages(prompt, reply):
    """Short replies, names, code, a few emoji and other languages are no fault."""
    assert find_flaw(prompt, reply) is None


REFUSAL = (
    "I'm sorry, but I can't help you with this request. I am a small language model and I am not able to give that kind of information to "
    "anybody. If there is anything else that you would like to talk about, please let me know and I will do what I can to help you."
)
QUESTION = (
    "Before I start: who will be listening, and how long should it take? Do you want it to be funny or solemn? And is there anybody who has to "
    "be mentioned by name? As soon as I know these things I can write something that fits the day."
)


@pytest.mark.parametrize("reply", [REFUSAL, QUESTION])
def test_declining_and_asking_back_are_on_topic(reply):
    """A refusal and a question back are coherent though they take up nothing of what was asked."""
    assert find_flaw("Write a speech about penguins for the zoo's anniversary.", reply) is None


@pytest.mark.parametrize(
    ("reply", "flaw"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("!!!!!!!!!!!!!!!!!!!!!!!!!!", "garbled"),
        ("🎉🎉🎉🎉🎉🎉", "empty"),
        ("Sure! 🎉🎉🎉🎉🎉🎉🎉", "symbols"),
        ("\ufffd\ufffd\ufffd penguin \ufffd\ufffd\ufffd", "symbols"),
        ("no no no no no no no no no no", "loop"),
        ("企鹅企鹅企鹅企鹅企鹅企鹅企鹅企鹅企鹅企鹅", "loop"),
        ("The the of penguin is and a to with from it. Of they the was for.", "word salad"),
        ("Pengwix blorfen snarg trelbum quazzit frimble oxwarn dreefle plonsk vabbert", "broken words"),
    ],
)
def test_faults_of_short_replies(reply, flaw):
    """Silence, soups of marks, emoji and letters, and loops are found in few words, and named."""
    assert find_flaw("What do penguins eat?", reply) == flaw


def test_no_reply_is_not_judged():
    """Nothing is said of a reply that did not come; one that is empty is incoherent."""
    assert is_coherent("Why is the ocean salty?", None) is None
    assert is_coherent("Why is the ocean salty?", "") is False


@pytest.mark.slow
def test_the_table_of_neighbours_is_what_the_texts_say():
    """Counting the neighbours in the training's English replies again gives the table, but for a few cells near a half."""
    folder = Path(__file__).parents[2] / "training" / "judge"
    lines = [line for file in folder.glob("english_*.jsonl") for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [text for line in lines if isinstance(text := json.loads(line).get("r"), str)]
    found = Counter(pair for text in texts for pair in pairwise(coherence._classes_of(text)))
    total = found.total()
    first, second = Counter(), Counter()
    for (one, other), n in found.items():
        first[one] += n
        second[other] += n
    never = {(mark, end) for mark in ("end", "comma") for end in ("end", "comma")}
    off = [
        abs(bits - math.log2((found[pair] + 5) / (first[pair[0]] * second[pair[1]] / total + 5)))
        for pair, bits in coherence._table().items()
        if pair not in never
    ]
    assert sum(distance > 0.6 for distance in off) <= 0.02 * len(off)
