r"""REFI-QDA, the exchange format of programs that code interviews: codebooks (.qdc) and projects (.qdpx).

Positions count Unicode code points of the plain text, from 0, the end left out. We write that text in UTF-8 without a
mark and with \n alone, so that every reader counts alike. QualCoder counts \r\n as two characters, ATLAS.ti as one:
what a file that uses it means is found out by the words that its selections quote (`reading.py`).
"""
