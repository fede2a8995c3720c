"""The login screen and the lock screen."""
