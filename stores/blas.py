"""How numpy multiplies matrices in this process."""

from __future__ import annotations

from threadpoolctl import threadpool_limits


def one_thread_a_product() -> None:
    """From now on each matrix product takes one thread. May be called often.

    OpenBLAS gives one product a thread for each processor, and those wait for each other in a busy loop: fifteen times slower as soon as
    the processors have other work (8 texts a second against 130 beside a test run, on two processors). Several products at once are faster.
    """
    threadpool_limits(1, user_api="blas")
