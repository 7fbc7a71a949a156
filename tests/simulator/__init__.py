"""The marketplaces, on loopback: SP-API, Fnac XML and Octopia REST over one invented market.

Run it as ``python -m tests.simulator --port 8199``, or in a test::

    with Simulator() as simulator:
        simulator.url                      # http://127.0.0.1:PORT
        simulator.faults.add("html-503", platform="amazon", count=2)

Everything it says follows from a seed and the EAN: two runs answer alike.
"""

from .server import Simulator

__all__ = ["Simulator"]
