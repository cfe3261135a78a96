"""What every other room may use: arguments, files, Keras kept quiet, and its private parts."""
