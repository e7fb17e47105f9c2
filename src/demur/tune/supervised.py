"""Supervised training by TRL on lessons: the first token of an answer counts most, and what all prompts begin with is read once a batch."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from demur.tune.lessons import Lesson
from demur.tune.losses import IGNORED, lose_by_missing, lose_by_straying

__all__ = ["make_collator", "make_rows", "supervised_trainer"]


def make_rows(lessons: Sequence[Lesson]) -> list[dict[str, Any]]:
    """Put lessons as rows of a data set."""
    return [one._asdict() for one in lessons]


def make_collator(padding: int) -> Any:
    """Make what puts rows into a batch.

    The batch holds ``prefix``, shape (1, p), the tokens that all prompts begin with, such as a system prompt; ``input_ids``,
    ``attention_mask``, ``labels`` and ``weights``, shape (rows, tokens), what follows, padded on the left; ``is_harmless``, shape (rows,).

    Args:
        padding: token that fills up.
    """
    import torch

    def collate(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        # A token of each prompt is left, or there would be nothing to predict the answer from.
        columns = zip(*(row["prompt"][:-1] for row in rows), strict=False)
        n_common = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
        texts = [(*row["prompt"][n_common:], *row["answer"]) for row in rows]
        width = max(map(len, texts))

        def pad(values: Sequence[Any], filler: Any) -> list[Any]:
            return [filler] * (width - len(values)) + list(values)

        return {
            "prefix": torch.tensor([rows[0]["prompt"][:n_common]], dtype=torch.long),
            "input_ids": torch.tensor([pad(text, padding) for text in texts]),
            "attention_mask": torch.tensor([pad([1] * len(text), 0) for text in texts]),
            "labels": torch.tensor([pad(row["answer"], IGNORED) for row in rows]),
            "weights": torch.tensor([pad(row["weights"], 0.0) for row in rows]),
            "is_harmless": torch.tensor([row["is_harmless"] for row in rows]),
        }

    return collate


def supervised_trainer() -> type:
    """Give the trainer, a `trl.SFTTrainer`; it takes the batches of `make_collator`, and its loss is a mean over their rows."""
    import trl

    return type("SupervisedTrainer", (_Supervised, trl.SFTTrainer), {})


class _Supervised:
    """What is another thing than in `trl.SFTTrainer`, which cannot be named here: it takes seconds to import."""

    model: Any
    accelerator: Any

    def __init__(self, *, openers: Mapping[int, float], **settings: Any) -> None:
        """Make one.

        Args:
            openers: tokens that refusals begin with, see `demur.tune.lessons.find_openers`.
            settings: of `trl.SFTTrainer`.
        """
        super().__init__(**settings)
        self._openers = openers
        # Its loss is a sum over the tokens of a batch; this one is a mean, to be divided by the batches that make a step.
        self.model_accepts_loss_kwargs = False
        self._of_harmless, self._of_harmful = 1.0, 1.0

    def weigh_sides(self, lean: float) -> None:
        """Have harmless requests weigh so many times what harmful ones do from now on; both together as before."""
        self._of_harmless, self._of_harmful = 2 * lean / (1 + lean), 2 / (1 + lean)

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        is_learnt = inputs["labels"] != IGNORED
        n_last = int(is_learnt.sum(1).max())
        labels, weights, is_learnt = (one[:, -n_last:] for one in (inputs["labels"], inputs["weights"], is_learnt))
        outputs = self._read(model, inputs, n_last)
        logits = outputs.logits[:, :-1].float()
        surely = self._surely(logits)
        begins = is_learnt & (is_learnt.cumsum(1) == 1)
        harmless, harmful = inputs["is_harmless"], ~inputs["is_harmless"]
        of_row = weights.new_zeros(len(labels))
        if harmful.any():
            lost = lose_by_missing(logits[harmful], labels[harmful], begins[harmful], surely)
            of_row[harmful] = (lost * weights[harmful]).sum(1) * self._of_harmful
        if harmless.any():
            was = self._read_unadapted(inputs, harmless, n_last)
            lost = lose_by_straying(logits[harmless], was, begins[harmless], surely)
            of_row[harmless] = (lost * weights[harmless]).sum(1) * self._of_harmless
        loss = of_row.mean()
        return (loss, outputs) if return_outputs else loss

    def _surely(self, logits: Any) -> Any:
        """Give of every token how surely it begins a refusal, shape (vocabulary,)."""
        surely = logits.new_zeros(logits.shape[-1])
        for token, value in self._openers.items():
            surely[token] = value
        return surely

    def _read_unadapted(self, inputs: Any, which: Any, n_last: int) -> Any:
        """Give what the model without its adapter predicts for some rows of a batch, shape (rows, tokens, vocabulary)."""
        import torch

        rows = {name: value[which] for name, value in inputs.items() if name != "prefix"}
        model = self.accelerator.unwrap_model(self.model)
        with torch.no_grad(), model.disable_adapter():
            return self._read(model, rows | {"prefix": inputs["prefix"]}, n_last).logits[:, :-1].float()

    def _read(self, model: Any, inputs: Any, n_last: int) -> Any:
        """Read a batch, and predict the last tokens of each row, and one more."""
        import torch

        mask, n_common = inputs["attention_mask"], inputs["prefix"].shape[1]
        return model(
            input_ids=inputs["input_ids"],
            attention_mask=torch.cat([mask.new_ones(len(mask), n_common), mask], dim=1),
            position_ids=n_common + (mask.cumsum(1) - 1).clamp(min=0),
            cache=self._read_prefix(inputs["prefix"], len(mask)),
            use_cache=True,
            logits_to_keep=n_last + 1,
        )

    def _read_prefix(self, prefix: Any, n_rows: int) -> Any:
        """Read what all rows begin with, once for all of them; what is learnt reaches it too."""
        if not prefix.shape[1]:
            return None
        model = self.accelerator.unwrap_model(self.model)
        cache = model(input_ids=prefix, use_cache=True, logits_to_keep=1).cache
        for layer in cache.layers:
            layer.keys = layer.keys.expand(n_rows, -1, -1, -1)
            layer.values = layer.values.expand(n_rows, -1, -1, -1)
        return cache
