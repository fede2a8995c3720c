"""The checks of `jiacha doctor`: what the program needs of this machine and the network. They change nothing."""
