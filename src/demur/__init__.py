"""demur calibrates how a language model says no: harmful requests answered and harmless ones refused, together."""
