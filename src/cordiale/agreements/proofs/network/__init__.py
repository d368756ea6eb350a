"""The whole network: what all agreements in force together let pass, over chains of any length."""
