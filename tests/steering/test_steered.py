"""A model steered in batches, held against a slow implementation of one row at a time without hooks (`slow_steering`)."""

import threading

import numpy as np
import pytest
import slow_steering as slow
from tiny import make_base

from demur.errors import DataError, UsageError
from demur.steering.blocks import find_blocks, reading
from demur.steering.move import Condition, Move, Place
from demur.steering.spans import Spans
from demur.steering.steered import steered

PROMPTS = ((5, 9, 12, 31, 7, 8), (40, 41), (17, 3, 22, 28), (33, 6, 6, 19, 45))
N_SAID = 5


def draw(*shape, seed=0):
    """Draw numbers."""
    return np.random.default_rng(seed).normal(size=shape)


def unit(*shape, seed=0):
    """Draw directions."""
    found = draw(*shape, seed=seed)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def splitting(model, *, is_unit=False, seed=1, name="some"):
    """Make a condition that holds of two of the prompts."""
    places = (Place(-1, 1), Place(-2, 0))
    drawn = Condition(
        name, places, 0.1 * draw(len(places), 32, seed=seed), draw(len(places), 32, seed=seed + 1), 0.0, is_unit
    )
    scores = sorted(slow.score(model, prompt, drawn) for prompt in PROMPTS)
    return Condition(name, places, drawn.mean, drawn.weights, -(scores[1] + scores[2]) / 2, is_unit)


ALWAYS = Condition("always", (Place(-1, 0),), np.zeros((1, 32)), np.zeros((1, 32)), 1.0)


def removing(gate=(ALWAYS,), *, layers=(1, 2), gain=0.7):
    """Make a move that takes directions out, far enough to be seen."""
    return Move("away", "remove", layers, unit(len(layers), 32, seed=5), -3 * np.ones(len(layers)), gain, tuple(gate))


def adding(gate=(), *, layers=(1,), gain=1.0):
    """Make a move that adds."""
    return Move("to", "add", layers, draw(len(layers), 32, seed=6), np.zeros(len(layers)), gain, tuple(gate))


def pad(prompts, side="left"):
    """Give tokens and mask."""
    import torch

    length = max(map(len, prompts))
    rows, mask = [], []
    for prompt in prompts:
        gap = [0] * (length - len(prompt))
        ones = [1] * len(prompt)
        rows.append([*gap, *prompt] if side == "left" else [*prompt, *gap])
        mask.append([*gap, *ones] if side == "left" else [*ones, *gap])
    return torch.tensor(rows), torch.tensor(mask)


def generate(model, moves, prompts=PROMPTS, **more):
    """Generate replies; give their tokens, the logits of each step, shape (rows, steps, vocabulary), and what fired."""
    import torch

    rows, mask = pad(prompts)
    how = {"max_new_tokens": N_SAID, "min_new_tokens": N_SAID, "do_sample": False, **more}
    with steered(model, moves, mask) as done, torch.inference_mode():
        said = model.generate(
            input_ids=rows, attention_mask=mask, return_dict_in_generate=True, output_logits=True, **how
        )
    return said.sequences[:, rows.shape[1] :].tolist(), torch.stack(said.logits, 1).double().numpy(), done.fired


def forward(model, rows, mask):
    """Pass prompts through once; give all logits."""
    import torch

    with torch.inference_mode():
        return model(input_ids=rows, attention_mask=mask, use_cache=False).logits


def count_hooks(model):
    """Count hooks; transformers keeps some of its own."""
    return [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()]


@pytest.fixture(scope="module", params=slow.KINDS)
def model(request):
    """Give a decoder of each architecture."""
    return slow.make_model(request.param)


@pytest.fixture(scope="module")
def llama():
    """Give one decoder."""
    return slow.make_model("llama")


@pytest.mark.parametrize("is_unit", [False, True])
def test_a_reply_in_a_batch_is_that_of_the_row_alone(model, is_unit):
    """Of prompts of four lengths of which two meet the condition, each step's logits are those of the slow definition."""
    gate = [splitting(model, is_unit=is_unit)]
    moves = [removing(gate), adding(gate)]
    said, logits, fired = generate(model, moves)
    expected = [slow.holds(model, prompt, gate[0]) for prompt in PROMPTS]
    assert fired == (expected, expected)
    assert sum(expected) == 2
    for row, prompt in enumerate(PROMPTS):
        alone = slow.say(model, prompt, moves, said[row][:-1])
        assert np.allclose(logits[row], alone, atol=2e-4), row
        plain = slow.say(model, prompt, (), said[row][:-1])
        assert np.allclose(alone, plain, atol=1e-2) != expected[row]


def test_rows_that_do_not_fire_are_what_they_are_without(model):
    """Bit for bit, in the same batch; and so is all of it where no row fires."""
    gate = [splitting(model)]
    plain_said, plain, _ = generate(model, ())
    said, logits, (fired,) = generate(model, [removing(gate)])
    for row, fires in enumerate(fired):
        if not fires:
            assert said[row] == plain_said[row]
            assert np.array_equal(logits[row], plain[row])
    never = Condition("never", (Place(-1, 0),), np.zeros((1, 32)), np.zeros((1, 32)), -1.0)
    _, logits, fired = generate(model, [removing([never])])
    assert fired == ([False] * 4,)
    assert np.array_equal(logits, plain)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_does_not_matter_on_either_side(llama, side):
    """Conditions are read at the end of each row's own prompt; what is said after it is that of the row alone."""
    gate = [splitting(llama)]
    moves = [removing(gate)]
    rows, mask = pad(PROMPTS, side)
    with steered(llama, moves, mask) as done:
        logits = forward(llama, rows, mask)
    assert done.fired == ([slow.holds(llama, prompt, gate[0]) for prompt in PROMPTS],)
    for row, prompt in enumerate(PROMPTS):
        last = -1 if side == "left" else len(prompt) - 1
        assert np.allclose(logits[row, last].numpy(), slow.say(llama, prompt, moves, ())[0], atol=1e-4)


def test_each_move_has_its_own_rows(llama):
    """Two conditions that hold of different prompts, both of some, a move without any, and all in their order at one block."""
    one, other = splitting(llama), splitting(llama, seed=30, name="other")
    moves = [removing([one]), adding([other]), adding(gain=0.3), removing([one, other], layers=(2,))]
    said, logits, fired = generate(llama, moves)
    held = [[slow.holds(llama, prompt, condition) for prompt in PROMPTS] for condition in (one, other)]
    assert fired == (*held, [True] * 4, [a and b for a, b in zip(*held, strict=True)])
    assert held[0] != held[1]
    for row, prompt in enumerate(PROMPTS):
        assert np.allclose(logits[row], slow.say(llama, prompt, moves, said[row][:-1]), atol=2e-4)


def test_a_condition_does_not_hold_of_a_prompt_that_is_too_short(llama):
    """It reads three tokens from the end, and one prompt has two; that it would hold of anything does not matter."""
    deep = Condition("deep", (Place(-3, 0),), np.zeros((1, 32)), np.zeros((1, 32)), 1.0)
    assert generate(llama, [adding([deep])])[2] == ([True, False, True, True],)


def test_another_pass_of_prompts_decides_anew(llama):
    """One context, the rows in another order."""
    gate = [splitting(llama)]
    rows, mask = pad([prompt[-2:] for prompt in PROMPTS])
    with steered(llama, [adding(gate)], mask) as done:
        assert done.fired == ()
        forward(llama, rows, mask)
        (before,) = done.fired
        forward(llama, rows.flip(0), mask)
        assert done.fired == (before[::-1],)
    assert before != before[::-1]


def test_states_are_replaced_and_never_written_to(llama):
    """What the block before gave out is the same after the pass as when it was given, and has its precision; nothing is shared with it."""
    seen = []
    rows, mask = pad(PROMPTS)

    def look(_, hidden):
        seen.append((hidden, hidden.clone()))

    with reading(find_blocks(llama), look), steered(llama, [removing(), adding()], mask):
        forward(llama, rows, mask)
    assert all((hidden == copy).all() for hidden, copy in seen)


def test_the_precision_of_the_states_is_kept():
    """In 16 bits, with vectors and conditions in 64."""
    import torch

    model = slow.make_model("llama").bfloat16()
    rows, mask = pad(PROMPTS)
    with steered(model, [removing(), adding([ALWAYS])], mask):
        logits = forward(model, rows, mask)
    assert logits.dtype == torch.bfloat16
    assert not torch.equal(logits, forward(model, rows, mask))


def test_hooks_are_gone_also_after_an_exception(model):
    """After an exception in the middle of a pass the model says bit for bit what it said before."""
    import torch

    rows, mask = pad(PROMPTS)
    before, hooks = forward(model, rows, mask), count_hooks(model)

    def fail(*_):
        raise RuntimeError("read")

    with (
        pytest.raises(RuntimeError, match="read"),
        steered(model, [adding()], mask),
        reading(find_blocks(model), fail),
    ):
        forward(model, rows, mask)
    assert torch.equal(before, forward(model, rows, mask))
    assert count_hooks(model) == hooks


def test_threads_do_not_steer_each_other(llama):
    """Three at once, one that takes out, one that adds and one that is not steered, many times: each says what it says alone."""
    wanted = [[removing()], [adding()], []]
    alone = [generate(llama, moves)[0] for moves in wanted]
    assert alone[0] != alone[2] != alone[1]
    found = [[] for _ in wanted]
    ready = threading.Barrier(len(wanted))

    def work(number):
        ready.wait()
        found[number] += [generate(llama, wanted[number])[0] for _ in range(8)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(wanted))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[said] * 8 for said in alone]


def test_a_context_in_another_does_both(llama):
    """The inner one comes after the outer one, and the outer one goes on after it."""
    rows, mask = pad(PROMPTS)
    with steered(llama, [adding()], mask):
        outer = forward(llama, rows, mask)
        with steered(llama, [removing()], mask):
            both = forward(llama, rows, mask)
        again = forward(llama, rows, mask)
    with steered(llama, [adding(), removing()], mask):
        assert (both == forward(llama, rows, mask)).all()
    assert (outer == again).all()
    assert not (outer == both).all()


@pytest.mark.parametrize(
    "how",
    [{"num_beams": 2}, {"num_return_sequences": 2, "do_sample": True}, {"use_cache": False}, {"prefill_chunk_size": 2}],
)
def test_what_would_be_steered_wrongly_is_refused(llama, how):
    """Beams, several replies to one prompt, no cache, prompts in pieces: one line says what was found, and the hooks are gone."""
    hooks = count_hooks(llama)
    with pytest.raises(UsageError, match=r"found a pass of shape \[\d, \d\] .*expected the prompts, \[4, 6\]"):
        generate(llama, [adding()], **how)
    assert count_hooks(llama) == hooks


def test_embeddings_in_the_place_of_tokens_are_refused(llama):
    """Nothing says of them where a prompt begins."""
    rows, mask = pad(PROMPTS)
    embedded = llama.get_input_embeddings()(rows)
    with steered(llama, [adding()], mask), pytest.raises(UsageError, match="expected the model to be given tokens"):
        llama(inputs_embeds=embedded, attention_mask=mask)


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (adding(layers=(1, 3)), r"move 'to': found layer 3; expected 0 to 2, those of LlamaForCausalLM"),
        (Move("to", "add", (1,), np.zeros((1, 16)), np.zeros(1), 1.0, ()), "found states of 16 numbers; expected 32"),
    ],
)
def test_a_move_of_another_model_is_refused(llama, move, why):
    """Before anything is passed through."""
    with pytest.raises(DataError, match=why), steered(llama, [move], pad(PROMPTS)[1]):
        pass


@pytest.mark.parametrize("acts_in_code", [False, True])
def test_nothing_is_done_inside_code_and_tool_calls(acts_in_code):
    """A row that writes code, one that calls a tool, one that begins with a brace and one of plain text, told what they say: each step's logits are those
    of the slow definition, which leaves out the tokens inside.
    """
    import torch

    base = make_base()
    model, tokenizer = base.model.eval(), base.tokenizer
    prompts = [tokenizer(text)["input_ids"] for text in ("hello there", "hi", "json?", "what?")]
    texts = ("a```py\nx```b c", "<tool_call>{}</tool_call>", '{"a": 1} and so on', "no code at all")
    replies = [tokenizer(text)["input_ids"][:17] for text in texts]
    length = min(map(len, replies))
    replies = [reply[:length] for reply in replies]
    moves = [Move("to", "add", (1,), draw(1, 32), np.zeros(1), 1.0, ())]
    rows, mask = pad(prompts)
    found = []
    with steered(model, moves, mask, tokenizer=None if acts_in_code else tokenizer), torch.inference_mode():
        places = (mask.cumsum(1) - 1).clamp(min=0)
        step = model(input_ids=rows, attention_mask=mask, position_ids=places, use_cache=True)
        for at in range(length):
            found.append(step.logits[:, -1].double().numpy())
            mask = torch.cat([mask, torch.ones(4, 1, dtype=mask.dtype)], 1)
            tokens = torch.tensor([[reply[at]] for reply in replies])
            places = mask.sum(1, keepdim=True) - 1
            step = model(input_ids=tokens, attention_mask=mask, position_ids=places, cache=step.cache)
        found.append(step.logits[:, -1].double().numpy())

    def is_inside(reply):
        spans = Spans(tokenizer, 1)
        for token in reply:
            spans.read([token])
        return spans.inside[0] and not acts_in_code

    for row, prompt in enumerate(prompts):
        alone = slow.say(model, prompt, moves, replies[row], is_inside=is_inside)
        assert np.allclose(np.array(found)[:, row], alone, atol=2e-4), texts[row]
