"""The marketplaces, on loopback: SP-API, Fnac XML, Octopia REST and Mirakl REST over one invented
market.

Run it as ``python -m tests.simulator --port 8199``, or in a test::

    with Simulator() as simulator:
        simulator.url                      # http://127.0.0.1:PORT
        simulator.faults.add("html-503", platform="amazon", count=2)

Over HTTP it is told what to do by ``/_market`` (time, GTINs), ``/_faults``, ``/_quotas`` and
``/_reset``, and tells what happened by ``/_health`` and ``/_calls``; see :mod:`.control`.

Everything it says follows from a seed, the EAN, the marketplace and the tick: two runs answer
alike. ``gtins(50_000)`` are the market's own EANs.
"""

from .numbers import gtins
from .simulator import Simulator

__all__ = ["Simulator", "gtins"]
