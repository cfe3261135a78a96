"""What every other room may use: checks of arguments, errors, writing files, Keras kept quiet and its private parts."""
