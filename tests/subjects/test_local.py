"""Local subjects: a model of a folder, run by transformers."""

import shutil
import threading

import pytest
from tiny import make_base

from demur.checkup import check_cases
from demur.errors import DataError, IncompleteError
from demur.subjects import Asked, open_subject, with_adapter
from demur.subjects.adapter import CANDIDATE, MEASURED, WEIGHTS
from demur.subjects.generation import _Draw, generate, write_prompt
from demur.tune.base import load_base
from demur.tune.folder import hash_files, save_candidate
from demur.tune.saving import save_adapter
from demur.types import Case, Decoding, Turn

pytestmark = pytest.mark.slow

QUESTIONS = ("hello", "what is the sea?", "a rather longer question about boats, and what they cost")
SHORT = Decoding(max_tokens=8)
DRAWN = Decoding(max_tokens=8, temperature=1.0, seed=3)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Give the folder of a model with weights by chance."""
    folder, made = tmp_path_factory.mktemp("model"), make_base()
    made.model.save_pretrained(folder)
    made.tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def subject(path):
    """Open it."""
    return open_subject(f"demur/local/{path}")


def asked(text, decoding=SHORT):
    """Ask something."""
    return Asked((Turn("user", text),), decoding)


@pytest.mark.parametrize("decoding", [SHORT, DRAWN], ids=["greedy", "drawn"])
def test_a_reply_is_the_same_in_any_company(subject, decoding):
    """Asked from several threads at once, which share a batch, and one after the other."""
    alone = [subject.reply(asked(text, decoding)) for text in QUESTIONS]
    together = [None] * len(QUESTIONS)

    def ask(number):
        together[number] = subject.reply(asked(QUESTIONS[number], decoding))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(QUESTIONS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.text for reply in together] == [reply.text for reply in alone]
    assert [reply.n_input_tokens for reply in together] == [reply.n_input_tokens for reply in alone]
    assert all(reply.n_output_tokens == 8 for reply in alone)
    assert {reply.stop_reason for reply in alone} == {"max_tokens"}


def test_each_reply_has_its_own_length(subject):
    """A short one in a batch with a long one is cut where it was to be, and says so."""
    model, tokenizer = subject._model, subject._tokenizer
    prompts = [write_prompt(tokenizer, (Turn("user", text),)) for text in QUESTIONS[:2]]
    short, long = generate(model, tokenizer, prompts, [Decoding(max_tokens=3), Decoding(max_tokens=9)])
    assert (short.n_output_tokens, long.n_output_tokens) == (3, 9)
    assert short == generate(model, tokenizer, prompts[:1], [Decoding(max_tokens=3)])[0]


def test_a_reply_ends_where_the_model_ends_it(path):
    """The token that ends it is counted and not said."""
    import torch

    subject = open_subject(f"demur/local/{path}")
    first = subject.reply(asked("hello", Decoding(max_tokens=1))).text
    end = subject._tokenizer.eos_token_id
    head = subject._model.lm_head.weight
    said = subject._tokenizer(first, add_special_tokens=False)["input_ids"][0]
    with torch.no_grad():
        head[end] = 2 * head[said]
    reply = subject.reply(asked("hello"))
    assert (reply.text, reply.stop_reason, reply.n_output_tokens) == ("", "stop", 1)


def test_drawn_tokens_are_as_frequent_as_they_are_likely():
    """Gumbel noise on four logarithms, of 20,000 seeds: each token within four standard errors of its softmax at that temperature."""
    import torch

    n, temperature = 20_000, 0.7
    scores = torch.tensor([2.0, 1.0, 0.0, -1.0])
    draw = _Draw([Decoding(temperature=temperature, seed=seed) for seed in range(n)])
    taken = draw(None, scores.expand(n, -1)).argmax(-1)
    expected = (scores / temperature).softmax(-1)
    found = torch.bincount(taken, minlength=4) / n
    errors = (expected * (1 - expected) / n).sqrt()
    assert ((found - expected).abs() < 4 * errors).all()


def test_two_questions_are_not_drawn_alike(path):
    """Of a model to which all tokens are as likely, one seed says one thing to a question, and another to the next."""
    import torch

    subject = open_subject(f"demur/local/{path}")
    with torch.no_grad():
        subject._model.lm_head.weight.zero_()
    one, again, other = (subject.reply(asked(text, DRAWN)).text for text in ("hello", "hello", "hullo"))
    assert one == again != other


def test_a_row_that_is_not_drawn_is_greedy():
    """In one batch with others that are."""
    import torch

    scores = torch.tensor([[0.0, 3.0, 2.9]]).expand(2, -1)
    noisy = _Draw([Decoding(), Decoding(temperature=1.0)])(None, scores)
    assert torch.equal(noisy[0], scores[0])
    assert not torch.equal(noisy[1], scores[1])


def test_a_conversation_that_does_not_fit_is_one_line(subject):
    """It says how long it is, and how long it may be."""
    with pytest.raises(DataError, match=r"found a conversation of [\d,]+ tokens, to be answered in 8; expected 2,048"):
        subject.reply(asked("word " * 1000))


def test_a_template_that_takes_no_such_conversation_is_one_line(path):
    """Some take no system prompt."""
    subject = open_subject(f"demur/local/{path}")
    subject._tokenizer.chat_template = "{{ raise_exception('no system prompts here') }}"
    with pytest.raises(DataError, match="chat template does not take this conversation: no system prompts here"):
        subject.reply(asked("hello"))


def test_what_goes_wrong_with_one_batch_is_told_and_the_next_is_served(path, monkeypatch):
    """As where memory runs out."""
    subject = open_subject(f"demur/local/{path}")
    whole = subject._model.generate

    def fail(**_):
        raise RuntimeError("out of memory\nand more")

    monkeypatch.setattr(subject._model, "generate", fail)
    with pytest.raises(IncompleteError, match=r"could not answer: out of memory$"):
        subject.reply(asked("hello"))
    monkeypatch.setattr(subject._model, "generate", whole)
    assert subject.reply(asked("hello")).n_output_tokens == 8


@pytest.fixture
def candidate(path, tmp_path):
    """Give the folder of an adapter by chance that was not measured yet."""
    import peft

    base = load_base(f"demur/local/{path}")
    config = peft.LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    files = save_adapter(peft.get_peft_model(base.model, config), tmp_path / "adapter", base=base)
    save_candidate(
        tmp_path / "adapter",
        model=f"demur/local/{path}",
        base_sha256=base.sha256,
        files=hash_files(tmp_path / "adapter", *files),
    )
    return tmp_path / "adapter"


def test_an_adapter_is_on_it_as_a_candidate_and_with_its_panel_under_its_name(path, subject, candidate):
    """It answers otherwise than without; without a panel it has no name of its own."""
    name = with_adapter(f"demur/local/{path}", candidate)
    plain, treated = (one.reply(asked("hello")).text for one in (subject, open_subject(f"demur/candidate@{candidate}")))
    assert plain != treated
    with pytest.raises(DataError, match=r"has no treatment\.json"):
        open_subject(name)
    said = (candidate / CANDIDATE).read_text().rstrip().removesuffix("}")
    (candidate / MEASURED).write_text(
        f'{said}, "panel": {{"changes": {{"safety_rate": {{}}, "utility_rate": {{}}}}}}}}'
    )
    assert open_subject(name).reply(asked("hello")).text == treated


def test_an_adapter_for_other_weights_is_refused(path, candidate, tmp_path):
    """One number of the model's changed, and it is another."""
    import torch

    made = make_base()
    with torch.no_grad():
        next(made.model.parameters())[0, 0] += 1
    made.model.save_pretrained(tmp_path / "other")
    made.tokenizer.save_pretrained(tmp_path / "other")
    said = (candidate / CANDIDATE).read_text().replace(str(path), str(tmp_path / "other"))
    (candidate / CANDIDATE).write_text(said)
    with pytest.raises(DataError, match="with other weights than are there now"):
        open_subject(f"demur/candidate@{candidate}")
    (candidate / WEIGHTS).unlink()
    with pytest.raises(DataError, match="is not the file that was measured"):
        open_subject(f"demur/candidate@{candidate}")


def test_a_folder_without_a_model_is_one_line(tmp_path):
    """Before anything is asked."""
    with pytest.raises(DataError, match=r"cannot be loaded as a causal language model: [^\n]+$"):
        open_subject(f"demur/local/{tmp_path}")


@pytest.mark.parametrize("name", ["nowhere", "no/where", "no/such/folder"])
def test_a_name_of_nothing_is_one_line(monkeypatch, name):
    """A folder that was misspelt is looked for on the hub; where that cannot be reached, both are said."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DataError, match=rf"^{name}: found no folder of that name, and the hub .*; expected the folder"):
        open_subject(f"demur/local/{name}")


def test_a_model_that_the_hub_gave_before_needs_no_hub(monkeypatch, path, tmp_path):
    """It is read from the cache."""
    cached, commit = tmp_path / "models--some--model", "0" * 40
    shutil.copytree(path, cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert open_subject("demur/local/some/model").reply(Asked((Turn("user", "hello"),), SHORT)).text


def test_a_check_up_asks_it_like_any_other(path, tmp_path):
    """Over the provider, in a process of its own."""
    case = Case("1", (Turn("user", "hello"),), "comply", suite="mine")
    run = check_cases(f"demur/local/{path}", [case], out=tmp_path / "run", decoding=SHORT)
    assert run.record.status == "complete"
    assert run.results[0].reply.n_output_tokens == 8
