"""What every other room may use: checks of arguments, errors, files, the notebook's kernel, Keras kept quiet."""
