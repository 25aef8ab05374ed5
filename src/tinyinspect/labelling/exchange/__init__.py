"""Labels to and from other labelling tools: a folder of pictures and a file of labels, in the format of each."""
