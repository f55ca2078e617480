"""How customers buy, as mathematics: one absorbing Markov model, learned from interviews, and its six answers.

The package holds pure functions over numpy arrays and frozen dataclasses. It imports numpy and the standard library
only, reads no clock, opens no file, and draws random numbers only from a ``numpy.random.Generator`` that its caller
hands in; the same input therefore always gives the same output.

==============  =====================================================================================
module          question
==============  =====================================================================================
`order`         In which order do customers do things, and how far from a line is their buying?
`stages`        Which neighbouring activities make up one stage?
`settling`      Which stages make it likeliest that customers told what they told?
`transitions`   From a stage, where do customers go next: a stage, a purchase, a loss, no decision?
`signals`       What does seeing one activity say about the stage that a buyer is in?
`position`      Where is this buyer now, as a probability over the stages?
`distance`      How far is the stage that the seller logged from where the buyer is?
`alignment`     How well do we fit the buyer?
`components`    How well in each of the five parts?
`deficits`      Why not better, and what would each change lift it by?
`outlook`       How will it end, and how many moments from now?
`looks`         What did a purchase that ended look like on its way?
`chains`        Does a path go like those that were won, or like those that were not?
`regression`    From some figures, what is the chance of each outcome?
`learned`       How will it end, by how earlier purchases ended?
`chaos`         Does this deal go back more often than deals do?
`stability`     How sure is the model, and would more interviews tell anything new?
`derivation`    The first four of these in one call.
`agreement`     How far do several coders agree, beyond chance?
`ranking`       Which suggestions will people accept, going by those that they accepted and refused?
`tallies`       Which interview adds to which count: shared by `order`, `transitions` and `stability`.
`rows`          Sums that are the same, bit for bit, alone and among a million.
`checks`        What every function accepts.
==============  =====================================================================================

Activities, stages and interviews are numbered from 0. The outcomes are always won, lost and no decision, in that order.
"""
