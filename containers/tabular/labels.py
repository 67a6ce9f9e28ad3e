"""Encodes the labels of a table as the numbers that trees are trained on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabular.encoding import EncodingError, parse_number
from tabular.recipes import Recipe, same_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SETS = 3  # train, validation and test


@dataclass(frozen=True)
class Labels:
    """What the labels of a table mean: the classes in order (binary: the negative one first), or numbers without any.

    ``problem`` says why a text is no label, ``number`` what trees are trained on.
    """

    name: str
    classes: tuple[str, ...]

    @classmethod
    def of(cls, recipe: Recipe, texts: Iterable[str]) -> Labels:
        """Return the labels of a recipe; a binary one's negative value is the most frequent other text."""
        if recipe.objective != "binary":
            return cls(recipe.label, recipe.classes)
        if recipe.positive in {"0", "1"}:
            return cls(recipe.label, ("1" if recipe.positive == "0" else "0", recipe.positive))
        others = Counter(text for text in map(same_text, texts) if text not in {"", recipe.positive})
        return cls(recipe.label, (others.most_common(1)[0][0] if others else "", recipe.positive))

    def problem(self, text: str) -> str | None:
        """Return the sentence about a text that is no label, or None."""
        if not self.classes:
            if not text.strip():
                return f"the label {self.name} must be a number, it is empty"
            try:
                parse_number(self.name, text)
            except EncodingError as error:
                return f"the label {self.name} {error.problem}"
            return None
        if same_text(text) in self.classes and text.strip():
            return None
        known = [name for name in self.classes if name]
        allowed = f"{', '.join(known[:-1])} or {known[-1]}" if known[1:] else f"{known[0]} or another value"
        return f"the label {self.name} must be {allowed}, it is {repr(text) if text.strip() else 'empty'}"

    def number(self, text: str) -> float:
        """Return the class's place, or the number itself."""
        return self.classes.index(same_text(text)) if self.classes else float(text)

    @property
    def is_binary(self) -> bool:
        """Say whether there are two classes, of which the second is the positive one."""
        return len(self.classes) == 2  # noqa: PLR2004 - two

    @property
    def fewest_rows(self) -> int:
        """How many rows there must be: of each class one in each of the three sets."""
        return SETS * max(1, len(self.classes))
