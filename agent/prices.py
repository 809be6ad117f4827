"""Prices by the data inside the `genai-prices` wheel. An unknown price is None, never zero."""

from genai_prices import Usage, calc_price


def price(model: str, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars of one call, None where the model's price is not known."""
    try:
        found = calc_price(Usage(input_tokens=input_tokens, output_tokens=output_tokens), model)
    except LookupError:
        return None
    return float(found.total_price)
