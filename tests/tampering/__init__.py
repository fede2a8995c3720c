"""What somebody who can write to the program's folder can do to its files, as a table of what is said then.

`test_tampering.py` has the table for the files of a home. Other tests have what is not repeated here: the state file
and old copies (`tests/actions/test_cache_check.py`), forged key files (`tests/actions/test_cache_key.py`), pipes and
devices (`tests/test_special_files.py`), what can be read in the files (`tests/db/test_privacy.py`), and damaged
downloads (`tests/encrypted_xml`).
"""
