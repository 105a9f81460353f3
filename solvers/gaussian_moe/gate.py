"""Which gate a Gaussian mixture of experts has."""

from dataclasses import dataclass

from refutable.solvers.argument_checks import one_of, refuse, whole_number
from refutable.solvers.gaussian_moe.activations import ACTIVATIONS

__all__ = ["Gate"]

_AFFINE = frozenset({"linear", "linear + 1"})


@dataclass(frozen=True)
class Gate:
    r"""A softmax gate with logits :math:`(s(b_{1i}^\top x) + b_{0i})/\tau`.

    Parameters
    ----------
    activation : str
        The function :math:`s`, one of :data:`~solvers.gaussian_moe.activations.ACTIVATIONS`.
    top_k : int or None
        Keep only the ``top_k`` experts with the largest scores :math:`b_{1i}^\top x`; the
        intercept takes no part in the ranking, and a tie goes to the expert listed first.
        ``None`` keeps all of them.
    free_temperature : bool
        Whether :math:`\tau` is estimated (dense-to-sparse gates) or known.

    Raises
    ------
    ValueError
        If the activation is unknown, or ``top_k`` is not a whole number from one up.
    """

    activation: str = "linear"
    top_k: int | None = None
    free_temperature: bool = False

    def __post_init__(self) -> None:
        one_of("activation", self.activation, ACTIVATIONS)
        if self.top_k is not None:
            object.__setattr__(self, "top_k", whole_number("top_k", self.top_k))

    def follows_shifts(self, k: int) -> bool:
        """Say whether every density of `k` experts under this gate stays one when x is shifted.

        An activation with a bend, and a ranking of scores without intercepts, know where 0 is.
        """
        return self.activation in _AFFINE and self.kept(k) == k

    def kept(self, k: int) -> int:
        """Return how many of `k` experts the gate keeps at each x.

        Raises
        ------
        ValueError
            If ``top_k`` is more than `k`.
        """
        if self.top_k is not None and self.top_k > k:
            refuse("top_k", self.top_k, f"at most the number of experts, {k}")
        return k if self.top_k is None else self.top_k
