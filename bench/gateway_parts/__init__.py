"""What the gateway is measured with: prompts, a policy, an upstream, other gateways, and something that asks them."""
