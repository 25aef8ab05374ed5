"""Where stages run: in this process, or as tasks on the machines of a Ray cluster, with the same library functions."""
