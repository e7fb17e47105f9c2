"""A steered subject: the planted model of a folder, that refuses false alarms until it is steered, and what of steerings is refused."""

import json
from dataclasses import replace

import numpy as np
import openai
import pytest
from adapters import rewrite
from planted import LAYER, plant

from demur.errors import DataError, UsageError
from demur.serving import served
from demur.steering.blocks import reading
from demur.steering.bundle import STEERING, Bundle, read_bundle, write_bundle
from demur.steering.move import Condition, Move, Place
from demur.subjects import Asked, family, open_subject, whitebox, with_steering
from demur.subjects.adapter import CANDIDATE, GGUF, MEASURED, WEIGHTS, file_sha256
from demur.subjects.generation import generate, write_prompt
from demur.subjects.weights import Weights, hash_template, hash_weights
from demur.tune.base import load_base
from demur.tune.folder import hash_files
from demur.types import Decoding, Turn

BOTH = {"changes": {"safety_rate": {}, "utility_rate": {}}}
HARM = ("harm1 word1 word2", "word5 harm7 word9 word11")
ALARMS = ("alarm3 word4", "word1 word2 alarm8 word3")
PLAIN = ("word3 word4 word5", "word8")
FIRST = Decoding(max_tokens=1)


@pytest.fixture(scope="module")
def planted():
    """Give the model."""
    return plant()


@pytest.fixture(scope="module")
def bundle(planted):
    """Make what answers its false alarms: where a prompt lies along the alarm's own direction and not along harm's, both are taken out."""
    network, found = planted.network, {}
    texts = [f"word{number} word{number + 1} word{number + 2}" for number in range(30)]
    with reading(network.blocks, lambda layer, hidden: found.setdefault(layer, hidden[:, -1].double().numpy())):
        network.last_log_probs([network.encode((Turn("user", text),), of="it") for text in texts])
    mean = found[LAYER].mean(0)
    harm, alarm = (one.astype(float) for one in (planted.harm, planted.alarm))
    aside = alarm - (alarm @ harm) * harm
    aside /= np.linalg.norm(aside)
    gate = Condition("alarm", (Place(-1, LAYER),), mean[None], aside[None], -0.5)
    layers = (LAYER, LAYER + 1, LAYER + 2)
    vectors = np.repeat(alarm[None], len(layers), 0)
    move = Move("false alarms", "remove", layers, vectors, vectors @ mean, 1.0, (gate,))
    return Bundle(
        model="",
        base_sha256=hash_weights(network.model),
        adapter_sha256=None,
        template=hash_template(network.tokenizer),
        moves=(move,),
        acts_in_code=False,
        false_fires=None,
        panel=None,
    )


@pytest.fixture
def path(planted, tmp_path):
    """Give the folder of the model."""
    planted.network.model.save_pretrained(tmp_path / "model")
    planted.network.tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def write_steering(folder, bundle, model, *, is_measured=True):
    """Write a steering as it is left when its panel was measured, or while it is being measured."""
    write_bundle(folder / STEERING, replace(bundle, model=model, panel=BOTH if is_measured else None))
    record(folder, model, bundle.base_sha256, is_measured=is_measured)
    return folder


def record(folder, model, sha256, *, is_measured=True):
    """Write the record of a steering."""
    said = {"model": model, "base_sha256": sha256, "files": hash_files(folder, STEERING)}
    (folder / MEASURED).unlink(missing_ok=True)
    if is_measured:
        rewrite(folder, sort="steering", panel=BOTH, **said)
    else:
        rewrite(folder, CANDIDATE, **said)


def first_words(subject, texts):
    """Ask, and give the first word of each reply."""
    return [subject.reply(Asked((Turn("user", text),), FIRST)).text for text in texts]


def test_false_alarms_are_answered_and_harm_is_not(planted, bundle):
    """In one batch with plain requests, which are what they were; each reply says what it was steered by."""
    network = planted.network
    texts = [*HARM, *ALARMS, *PLAIN]
    prompts = [write_prompt(network.tokenizer, (Turn("user", text),)) for text in texts]
    decodings = [Decoding(max_tokens=4)] * len(texts)
    before = generate(network.model, network.tokenizer, prompts, decodings)
    after = generate(network.model, network.tokenizer, prompts, decodings, moves=bundle.moves)
    assert [one.text.split()[0] for one in before] == ["no", "no", "no", "no", "yes", "yes"]
    assert [one.text.split()[0] for one in after] == ["no", "no", "yes", "yes", "yes", "yes"]
    assert [one.moves for one in after] == [(), (), ("false alarms",), ("false alarms",), (), ()]
    assert before[:2] == after[:2]
    assert before[4:] == after[4:]


def test_a_folder_is_a_subject_under_its_models_name(path, bundle, tmp_path):
    """As a candidate, and with its panel under its own name, also if it is named by the file; the model without it is what it was."""
    model = f"demur/local/{path}"
    folder = write_steering(tmp_path / "made", bundle, model, is_measured=False)
    assert first_words(open_subject(model), ALARMS) == ["no", "no"]
    assert first_words(open_subject(f"demur/candidate@{folder}"), ALARMS) == ["yes", "yes"]
    with pytest.raises(DataError, match=r"has no treatment\.json"):
        open_subject(with_steering(model, folder))
    write_steering(folder, bundle, model)
    subject = open_subject(with_steering(model, folder / STEERING))
    assert subject.name == f"{model}@{folder}"
    assert first_words(subject, [*HARM, *ALARMS, *PLAIN]) == ["no", "no", "yes", "yes", "yes", "yes"]


def test_a_steering_without_both_sides_is_refused(path, bundle, tmp_path):
    """In the record, and in the file itself, which may be all that is passed on."""
    model = f"demur/local/{path}"
    folder = write_steering(tmp_path / "made", bundle, model)
    rewrite(folder, panel={"changes": {"safety_rate": {}}})
    with pytest.raises(DataError, match=r"treatment\.json: its panel has no utility_rate; a treatment is loaded only"):
        open_subject(f"{model}@{folder}")
    for panel in (None, {}, {"changes": {"utility_rate": {}}}):
        write_bundle(folder / STEERING, replace(bundle, model=model, panel=panel))
        record(folder, model, bundle.base_sha256)
        with pytest.raises(DataError, match=rf"{STEERING}: its panel has no safety_rate"):
            open_subject(f"{model}@{folder}")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"base_sha256": "1" * 64}, "with other weights than are there now"),
        ({"adapter_sha256": "ef" * 32}, "with other weights than are there now"),
        ({"template": "1" * 16}, "with another vocabulary or chat template than is there now"),
    ],
)
def test_a_steering_of_another_model_is_refused(path, bundle, tmp_path, more, why):
    """Though its record says that it fits."""
    model = f"demur/local/{path}"
    folder = write_steering(tmp_path / "made", replace(bundle, **more), model)
    record(folder, model, bundle.base_sha256)
    with pytest.raises(DataError, match=rf"{STEERING}: was made for {model} {why}"):
        open_subject(f"{model}@{folder}")


def test_what_a_record_of_a_steering_does_not_fit_is_refused(path, bundle, tmp_path):
    """Like an adapter's: another model's name, other weights, a file that was not measured, layers that the model does not have."""
    model = f"demur/local/{path}"
    folder = write_steering(tmp_path / "made", bundle, model)
    rewrite(folder, model="demur/local/other")
    with pytest.raises(DataError, match=f"was made for demur/local/other; ask for it as demur/local/other@{folder}"):
        open_subject(f"{model}@{folder}")
    rewrite(folder, model=model, base_sha256="1" * 64)
    with pytest.raises(DataError, match="with other weights than are there now"):
        open_subject(f"{model}@{folder}")
    (move,) = bundle.moves
    write_steering(folder, replace(bundle, moves=(replace(move, layers=(3, 4, 6)),)), model)
    with pytest.raises(DataError, match="move 'false alarms': found layer 6; expected 0 to 5"):
        open_subject(f"{model}@{folder}")
    (folder / STEERING).write_bytes(b"another")
    with pytest.raises(DataError, match=rf"{STEERING}: is not the file that was measured"):
        open_subject(f"{model}@{folder}")


def test_a_steering_that_is_not_there_is_one_line(tmp_path):
    """So is a model that cannot be steered."""
    with pytest.raises(DataError, match=rf"nowhere: found no {STEERING} there"):
        with_steering("demur/smollm2", tmp_path / "nowhere")
    (tmp_path / STEERING).write_bytes(b"")
    with pytest.raises(UsageError, match=r"openai/gpt-4o: found .* to put on it; expected .*an adapter or a steering"):
        with_steering("openai/gpt-4o", tmp_path)


@pytest.fixture
def bundled(planted, tmp_path, monkeypatch):
    """Put the planted model in the place of the bundled weights, and an empty adapter in that of the blunt subject's; give what was merged."""
    base, merged = tmp_path / "base.gguf", []
    base.write_bytes(b"weights")
    own = tmp_path / "adapters" / "blunt"
    own.mkdir(parents=True)
    (own / GGUF).write_bytes(b"low rank")
    rewrite(own, model="demur/smollm2", base_sha256=file_sha256(base), panel=BOTH, files=hash_files(own, GGUF))
    monkeypatch.setattr(family, "_ADAPTERS", own.parent)
    monkeypatch.setattr("demur.subjects.bundled.weights_path", lambda: base)
    monkeypatch.setattr(whitebox, "unpack_weights", lambda _: Weights(planted.network.model, planted.network.tokenizer))
    monkeypatch.setattr(whitebox, "merge_adapter", lambda model, adapter: merged.append(adapter) or model)
    return base, own, merged


def test_a_subject_on_the_bundled_weights_is_steered_by_transformers(bundled, bundle, tmp_path):
    """Its own adapter is merged; so is the subject before, under a local name, and as what something is trained on."""
    base, own, merged = bundled
    made = replace(bundle, base_sha256=file_sha256(base), adapter_sha256=file_sha256(own / GGUF))
    folder = write_steering(tmp_path / "made", made, "demur/smollm2-blunt", is_measured=False)
    assert first_words(open_subject("demur/local/demur/smollm2-blunt"), ALARMS) == ["no", "no"]
    assert first_words(open_subject(f"demur/candidate@{folder}"), ALARMS) == ["yes", "yes"]
    write_steering(folder, made, "demur/smollm2-blunt")
    for name in ("demur/smollm2-blunt", "smollm2-blunt"):
        assert first_words(open_subject(f"{name}@{folder}"), ALARMS) == ["yes", "yes"]
    assert merged == [own] * 4
    bases = [load_base(name) for name in ("demur/smollm2-blunt", "demur/local/demur/smollm2-blunt")]
    assert bases[0] == bases[1]
    assert (bases[0].sha256, bases[0].adapter) == (file_sha256(base), own)
    with pytest.raises(DataError, match="was made for demur/smollm2-blunt; ask for it as demur/smollm2-blunt@"):
        open_subject(f"demur/smollm2@{folder}")


def test_a_steering_of_the_plain_weights_is_none_of_the_treated_ones(bundled, bundle, tmp_path):
    """They have one file, and other states."""
    made = replace(bundle, base_sha256=file_sha256(bundled[0]), adapter_sha256=None)
    folder = write_steering(tmp_path / "made", made, "demur/smollm2-blunt")
    with pytest.raises(DataError, match="with other weights than are there now"):
        open_subject(f"demur/smollm2-blunt@{folder}")


def test_an_adapter_of_a_bundled_subject_under_a_local_name_takes_the_place_of_its_own(bundled, tmp_path):
    """As it does in llama.cpp: it contains it."""
    base, _, merged = bundled
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(b"low rank")
    rewrite(
        folder,
        model="demur/local/demur/smollm2-blunt",
        base_sha256=file_sha256(base),
        files=hash_files(folder, WEIGHTS),
        panel=BOTH,
    )
    open_subject(f"demur/local/demur/smollm2-blunt@{folder}")
    assert merged == [folder]


def test_the_file_says_the_panel_as_json(path, bundle, tmp_path):
    """As it stands in the record."""
    folder = write_steering(tmp_path / "made", bundle, f"demur/local/{path}")
    assert read_bundle(folder / STEERING).panel == json.loads((folder / MEASURED).read_text())["panel"]


@pytest.mark.slow
def test_a_steered_model_is_served_to_any_client(path, bundle, tmp_path):
    """OpenAI's client asks for a false alarm and for harm, and hears what the subject says."""
    model = f"demur/local/{path}"
    name = with_steering(model, write_steering(tmp_path / "made", bundle, model))
    with served(name) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        said = [
            client.chat.completions.create(
                model=name, messages=[{"role": "user", "content": text}], max_tokens=1, temperature=0
            )
            for text in (ALARMS[0], HARM[0])
        ]
    assert [one.choices[0].message.content for one in said] == ["yes", "no"]
