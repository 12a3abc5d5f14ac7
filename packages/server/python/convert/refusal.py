"""How a conversion ends that cannot be: one sentence that says what to do."""
import sys


def stop(why):
    sys.exit(f"cannot convert: {why}")


def needed(package):
    try:
        return __import__(package, fromlist=["_"])
    except ImportError as error:
        stop(f"{sys.executable} cannot import {package} ({error}); install it there, or name another `python`")
