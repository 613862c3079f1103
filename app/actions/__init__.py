"""One verb in one file. An action owns its transactions in plain sight and holds none open across the network.

Whatever runs here may run twice: the row's version and attempt token decide which run counts.
"""
