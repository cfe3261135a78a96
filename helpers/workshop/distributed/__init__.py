"""One training on several processes, each feeding its own share of every batch: Keras' own distribution on JAX.

task         what is trained, by how many, and which of them this process is
worker       what one process does, on this machine or on a host of its own
checkpoints  where an interrupted training goes on
launching    starts the workers of one machine, watches them, and ends all when one ends

Only ``worker`` loads Keras, so that who starts the workers needs neither Keras nor JAX.
"""
