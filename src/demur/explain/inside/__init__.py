"""The white-box half of explaining a refusal: what is read of a model's inside, and what changing it there does.

`network` is the model, `states` what is read of it, `labels` what is known of the prompts; `harm_direction` and `refusal_direction` are what is
looked for, `case_map` where each case lies. torch is loaded when a model is, not before.
"""

__all__: list[str] = []
