"""Stories and the sample community, as far as they know no subject.

Here are the shapes that each subject needs to bring its part: the file of a story, the stage
it is played on, and the life of the sample community. The player and the history are in
``demo``, which gathers what the subjects declare.
"""
