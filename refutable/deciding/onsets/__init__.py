"""Where an expectation starts to hold along a parameter, and over a plane of two.

====================  ==========================================================
module                what it holds
====================  ==========================================================
``line``              the parameter: its range, scale, steps and tolerance
``points``            one value of it: the checks there and what they have seen
``working``           a working model of the margin, which only chooses where to draw
``rounds``            what is drawn next, whatever the order in which blocks arrive
``search``            the search for an onset, from blocks alone
``survey``            a whole plane, its cells decided together
``setting``           both, as they are asked of a claim
``found``             what a search found, in words and as plain values
``mapped``            what a survey found
====================  ==========================================================
"""
