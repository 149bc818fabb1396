"""Where things are kept: the control database and the lake. Answers in the words of `model`; knows no rule."""
