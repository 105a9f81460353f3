"""Where an expectation starts to hold along a parameter, and over a plane of two.

====================  ==========================================================
module                what it holds
====================  ==========================================================
``line``              the parameter: its range, scale, steps and tolerance
``points``            one value of it: the checks there and what they have seen
``working``           a working model of the margin, which only chooses where to draw
``search``            the search, from blocks alone
``found``             what it found, in words and as plain values
====================  ==========================================================
"""
