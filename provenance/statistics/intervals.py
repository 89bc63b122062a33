"""Quantiles, intervals and how good an interval is; knows no type of the domain."""

from __future__ import annotations

__all__ = [
    "chi_square_quantile",
    "chi_square_tail",
    "clopper_pearson",
    "normal_quantile",
    "student_quantile",
    "winkler_score",
]


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution.

    Examples
    --------
    >>> round(normal_quantile(0.975), 2)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(probability))


def student_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t distribution of so many degrees of freedom.

    Examples
    --------
    >>> round(student_quantile(0.975, 4), 2)
    2.78
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Probability that a chi-square variable of so many degrees exceeds the statistic.

    Examples
    --------
    >>> round(chi_square_tail(6.635, 1), 3)
    0.01
    """
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))


def f_tail(statistic: float, first: int, second: int) -> float:
    """Probability that a variable of Fisher's F, of so many degrees each, exceeds the statistic.

    Examples
    --------
    >>> round(f_tail(4.965, 1, 10), 3)
    0.05
    """
    from scipy.special import fdtrc

    return float(fdtrc(first, second, statistic))


def chi_square_quantile(probability: float, degrees: int) -> float:
    """Quantile of a chi-square variable of so many degrees of freedom.

    Examples
    --------
    >>> round(chi_square_quantile(0.99, 1), 3)
    6.635
    """
    from scipy.special import chdtri

    return float(chdtri(degrees, 1 - probability))


def clopper_pearson(
    successes: float, trials: float, confidence_level: float = 0.95
) -> tuple[float, float]:
    """Exact two-sided interval of a binomial probability (Clopper and Pearson 1934).

    Numbers of trials that are not whole are effective numbers of dependent trials.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    tail = (1 - confidence_level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    if successes >= trials:
        return low, 1.0
    return low, float(betaincinv(successes + 1, trials - successes, 1 - tail))


def winkler_score(low: float, high: float, truth: float, confidence_level: float = 0.95) -> float:
    """How good an interval was, once the truth is known: its width, and a fine where it missed.

    The fine is the distance from the truth to the nearer end, times two over one less the
    confidence level: 40 at 95 %. Small is good. On average no other interval scores lower than
    the one that leaves half of one less the level on either side (Winkler 1972; Gneiting and
    Raftery 2007, equation 43), so that one gains neither by wide intervals nor by bold ones.

    Parameters
    ----------
    low, high : float
        Ends, in any unit.
    truth : float
        In the same unit.
    confidence_level : float
        That the interval was made for, in (0, 1).

    Returns
    -------
    float
        In the unit of the ends; never less than ``high - low``.

    Examples
    --------
    >>> winkler_score(2.0, 5.0, truth=3.0)
    3.0
    >>> round(winkler_score(2.0, 5.0, truth=1.5), 9)
    23.0
    """
    miss = max(0.0, low - truth, truth - high)
    return high - low + 2 / (1 - confidence_level) * miss
