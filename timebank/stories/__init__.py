"""Stories and the sample community, without any subject.

It has the types that each subject needs to bring its part: the file of a story, the stage it is
played on, and the life of the sample community. The player and the history are in ``demo``, which
collects the declarations.
"""
